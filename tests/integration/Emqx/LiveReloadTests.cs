using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Scenarios;

namespace Pipeline.IntegrationTests.Emqx;

/// <summary>What a changed file changes in the running gateway.</summary>
public sealed class LiveReloadTests(LiveReloadTests.Fixture gateway) : GatewayScenarios(gateway), IClassFixture<LiveReloadTests.Fixture>
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Rules_and_definitions_change_without_a_restart()
    {
        using var story = Begin();
        await story.Device.RegisterAsync("</3/0>,</31024/0>");
        await story.HearAsync("up/resp");
        await ReadAsync("4.00");

        // A definition is added.
        gateway.Define("a", 31024);
        await UntilAsync("2.05");

        // Another folder, which is broken: everything stays as it is.
        gateway.Define("b", 31025, "<LWM2M>");
        await gateway.ChangeAsync(gateway.With("b", "translators.response { topic = answers, qos = 1 }"));
        await Eventually.TrueAsync(async () => await CodeAsync("answers", "up/resp") == "2.05", Patience, () => gateway.Log);

        // It is mended: the first folder counts no more.
        gateway.Define("b", 31025);
        await UntilAsync("4.00", "answers");

        // Conditions and lists.
        await gateway.ChangeAsync(gateway.With("b", "update_msg_publish_condition = contains_object_list, auto_observe = true, translators.update { topic = upd }"));
        await Eventually.TrueAsync(() => gateway.Log.Contains("auto_observe", StringComparison.Ordinal), Patience, () => gateway.Log);
        await story.Device.UpdateAsync();
        await story.Device.UpdateAsync("</3/0>,</31025/0>");
        Assert.Contains("/31025/0", await story.HearAsync("upd"), StringComparison.Ordinal);
        Assert.False(story.HasUnheard("up/update"));
        using var other = Begin();
        await other.Device.RegisterAsync("</3/0>,</31025/0>,</31026/0>");
        foreach (var said in new[] { "CON GET 6=0 11=3 11=0", "CON GET 6=0 11=31025 11=0" })
            await other.Device.AnswerAsync(await other.Device.ExpectRequestAsync(said), Datagram.NotFound);
        await other.Device.ExpectNothingBeforePongAsync();

        // Another topic of commands: heard as soon as Egress has subscribed to it.
        await gateway.ChangeAsync(gateway.With("b", "translators.command { topic = \"ask/#\", qos = 1 }"));
        await Eventually.TrueAsync(
            async () =>
            {
                await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0/1"}}""", "ask/it");
                return await story.Device.TryReceiveAsync(TimeSpan.FromMilliseconds(500)) is { } request && request.Said == "CON GET 11=3 11=0 11=1";
            },
            Patience,
            () => gateway.Log);

        Task ReadAsync(string code) => Eventually.TrueAsync(async () => await CodeAsync("up/resp", null) == code, Patience, () => gateway.Log);

        Task UntilAsync(string code, string topic = "up/resp") => Eventually.TrueAsync(async () => await CodeAsync(topic, null) == code, Patience, () => gateway.Log);

        // What the answer to a read of the integer 5 becomes; null where the answer went to the other topic.
        async Task<string?> CodeAsync(string topic, string? otherwise)
        {
            await story.CommandAsync("""{"msgType":"read","data":{"path":"/31024/0/1"}}""", "CON GET 11=31024 11=0 11=1", Datagram.Content, [0xC1, 1, 5], BareDevice.Tlv);
            await Eventually.TrueAsync(() => story.HasUnheard(topic) || otherwise is not null && story.HasUnheard(otherwise), Patience, () => gateway.Log);
            if (!story.HasUnheard(topic))
            {
                await story.HearAsync(otherwise!);
                return null;
            }

            return System.Text.Json.JsonDocument.Parse(await story.HearAsync(topic)).RootElement.GetProperty("data").GetProperty("code").GetString();
        }
    }

    /// <summary>With folders of definitions of its own.</summary>
    public sealed class Fixture : StandaloneFixture
    {
        readonly string _folder = Directory.CreateTempSubdirectory("definitions").FullName;
        DateTime _stamp = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

        public Fixture() => Define("a", 3);

        private protected override string Configuration => With("a", "");

        public string With(string folder, string rules) => $$"""
            gateway.lwm2m {
              xml_dir = "{{_folder}}/{{folder}}"
              lifetime_min = 1s
              translators.register { topic = "up/resp" }
              listeners.udp.default { bind = "127.0.0.1:0" }
              {{rules}}
            }
            """;

        /// <summary>A file with one object, which has one integer, or with that text; objects 3 and this one are known then.</summary>
        public void Define(string folder, int objectId, string? text = null)
        {
            Directory.CreateDirectory(Path.Combine(_folder, folder));
            foreach (var id in new[] { 3, objectId })
            {
                var file = Path.Combine(_folder, folder, $"{id}.xml");
                File.WriteAllText(file, id == objectId && text is not null ? text : $"""
                    <LWM2M><Object><Name>Test</Name><ObjectID>{id}</ObjectID><Resources>
                      <Item ID="1"><Name>Reading</Name><Operations>R</Operations><Type>Integer</Type></Item>
                    </Resources></Object></LWM2M>
                    """);
                // Two writes may fall into one tick of the file system.
                File.SetLastWriteTimeUtc(file, _stamp = _stamp.AddSeconds(1));
            }
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            Directory.Delete(_folder, recursive: true);
            GC.SuppressFinalize(this);
        }
    }
}
