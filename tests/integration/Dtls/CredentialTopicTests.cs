using System.CommandLine;
using System.Text;
using System.Text.Json;
using Org.BouncyCastle.Tls;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Tools;

namespace Pipeline.IntegrationTests.Dtls;

/// <summary>An operator adds and removes the keys of devices with the tool, over Kafka, while the gateway runs.</summary>
public sealed class CredentialTopicTests(CredentialTopicTests.Fixture gateway) : IClassFixture<CredentialTopicTests.Fixture>
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Device_comes_in_with_a_generated_key_and_is_out_with_its_next_message_when_that_is_removed()
    {
        var (code, told) = await RunAsync("add", "--endpoint", "meter-1", "--generate", "--json");
        Assert.Equal(0, code);
        var psk = JsonDocument.Parse(told).RootElement.GetProperty("psk").GetString()!;
        using var words = new BareDevice(gateway.Coap, "meter-1");
        using var device = await ConnectAsync("meter-1", psk);
        words.Registered(device.Ask(words.RegisterRequest()));

        // Who lists sees whom, and no key.
        (code, told) = await RunAsync("list");
        Assert.Equal((0, "psk:meter-1  for meter-1"), (code, told.Trim()));

        // Encrypted with another key from now on, which ends no session.
        (code, told) = await RunAsync("rekey", "--json", "--config", gateway.NewKeys);
        Assert.Equal((0, """{"key":"k2","rekeyed":1,"unreadable":0}"""), (code, told.Trim()));
        Assert.Equal("ACK 2.04", device.Ask(words.UpdateRequest()).Said);

        Assert.Equal((1, ""), await RunAsync("remove", "--endpoint", "meter-2"));
        (code, told) = await RunAsync("remove", "--endpoint", "meter-1");
        Assert.Equal((0, "psk:meter-1 is removed"), (code, told.Trim()));
        await Eventually.TrueAsync(() => device.IsEndedBy(words.UpdateRequest()), Patience, () => gateway.Log);
        await Assert.ThrowsAsync<TlsFatalAlertReceived>(() => ConnectOnceAsync("meter-1", psk));

        // Whoever watches over the fleet sees it.
        var refused = gateway.Read(gateway.Topics.Events, "psk:meter-1", 1).Single();
        Assert.Equal("lwm2m.dtls_failed", refused.Header("ce_type"));
        Assert.Null(refused.Header("mqtt_topic"));
        Assert.Contains("\"reason\":\"unknown_identity\"", Encoding.UTF8.GetString(refused.Message.Value), StringComparison.Ordinal);

        // Neither the key of the device nor that of the topic stands where somebody may read it.
        using var http = new HttpClient();
        var configuration = await http.GetStringAsync(new Uri(gateway.Http, "/api/v5/gateways/lwm2m"));
        Assert.Contains("dtls", configuration, StringComparison.Ordinal);
        foreach (var text in new[] { gateway.Log, configuration })
        {
            Assert.DoesNotContain(psk, text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Fixture.KeyText, text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task File_with_a_broken_entry_is_refused_as_a_whole_with_the_words_of_the_file()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, """[{"endpoint": "half-1", "psk": "01"}, {"endpoint": "half-2", "psk": "secret"}]""");
            var problem = await Assert.ThrowsAsync<IOException>(() => RunAsync("add", "--file", file));
            Assert.Equal("the psk of entry 2 must be 1 to 64 bytes in hex", problem.Message);
            Assert.DoesNotContain("half-1", (await RunAsync("list")).Output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    async Task<(int Code, string Output)> RunAsync(string verb, params string[] arguments)
    {
        var parsed = ToolCommands.Create().Parse(["credentials", verb, "--kafka", gateway.KafkaServers, "--config", gateway.Keys, .. arguments]);
        Assert.Empty(parsed.Errors);
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await parsed.InvokeAsync(
            new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken);
        return (code, output.ToString());
    }

    // The gateway follows the topic, at its own pace.
    async Task<SecureDevice> ConnectAsync(string identity, string psk)
    {
        SecureDevice? device = null;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    device = await ConnectOnceAsync(identity, psk);
                    return true;
                }
                catch (TlsFatalAlertReceived)
                {
                    return false;
                }
            },
            Patience,
            () => gateway.Log);
        return device!;
    }

    async Task<SecureDevice> ConnectOnceAsync(string identity, string psk)
    {
        var device = new SecureDevice(identity, Convert.FromHexString(psk), offersId: false);
        device.Carry(gateway.Door("dtls:default"));
        await device.ConnectAsync();
        return device;
    }

    /// <summary>Standalone that takes credentials from Kafka alone.</summary>
    public sealed class Fixture : StandaloneFixture
    {
        internal const string KeyText = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

        /// <summary>A configuration file with the keys of the topic, as the tool is given it.</summary>
        internal string Keys { get; } = Path.GetTempFileName();

        /// <summary>The same, with another key before it.</summary>
        internal string NewKeys { get; } = Path.GetTempFileName();

        private protected override string Configuration => $$"""
            gateway.lwm2m {
              mountpoint = "lwm2m/${endpoint_name}/"
              listeners.udp.default { bind = "127.0.0.1:0" }
              listeners.dtls.default { bind = "127.0.0.1:0" }
            }
            {{Section}}
            """;

        const string First = "k1:" + KeyText;
        const string Second = "k2:f" + "00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        const string Section = $$"""credentials { kafka = true, keys = ["{{First}}", "{{Second}}"] }""";

        public override async ValueTask InitializeAsync()
        {
            await File.WriteAllTextAsync(Keys, Section);
            await File.WriteAllTextAsync(NewKeys, $$"""credentials.keys = ["{{Second}}", "{{First}}"]""");
            await base.InitializeAsync();
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            File.Delete(Keys);
            File.Delete(NewKeys);
        }
    }
}
