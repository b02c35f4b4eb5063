using System.Net.Sockets;
using System.Text;
using Contracts;
using Contracts.Configuration;
using Dashboard;
using Hosting;
using Messaging;

namespace Pipeline.Tests.Dashboard;

/// <summary>What the API does with what the rest of the gateway says, or does not say.</summary>
public sealed class DashboardServiceTests
{
    const string Gateway = "/api/v5/gateways/lwm2m";

    [Fact]
    public async Task A_change_is_answered_when_every_live_instance_has_taken_it()
    {
        await using var rig = await DashboardRig.StartAsync();
        await rig.BeatAsync("egress/a", 0);
        await rig.BeatAsync("translator/dead", 0);
        await rig.BeatAsync("translator/dead", 0, kind: "stop");
        await BeginAsync(rig);

        var put = rig.SendAsync("PUT", Gateway, """{"lifetime_max":"1000s","lifetime_min":"15s","translators":{"notify":{"topic":"up/notify","qos":1}}}""");
        var (offset, key, value) = await rig.ChangeAsync(0);
        Assert.Equal("gateway.lwm2m", key);
        Assert.Equal("""{"lifetime_max":"1000s","translators":{"notify":{"qos":1}}}""", value!.ToJsonString());
        await rig.BeatAsync("ingress/0", offset + 1);
        await rig.BeatAsync("egress/a", offset);
        Assert.False(put.IsCompleted);
        await rig.BeatAsync("egress/a", offset + 1);
        Assert.Equal(204, (await put).Status);
        Assert.Contains("\"lifetime_max\":\"1000s\"", (await rig.SendAsync("GET", Gateway)).Text, StringComparison.Ordinal);

        // A second change keeps the first, and one that takes it back leaves nothing of it.
        put = rig.SendAsync("PUT", Gateway, """{"lifetime_max":"1d","auto_observe":["/3/0"]}""");
        (offset, _, value) = await rig.ChangeAsync(1);
        Assert.Equal("""{"translators":{"notify":{"qos":1}},"auto_observe":["/3/0"]}""", value!.ToJsonString());
        await rig.BeatAsync("ingress/0", offset + 1);
        await rig.BeatAsync("egress/a", offset + 1);
        Assert.Equal(204, (await put).Status);
    }

    [Fact]
    public async Task A_change_that_somebody_has_not_taken_in_time_says_who()
    {
        await using var rig = await DashboardRig.StartAsync();
        await rig.BeatAsync("egress/a");
        await BeginAsync(rig);

        var put = rig.SendAsync("PUT", Gateway, """{"lifetime_max":"1000s"}""");
        var (offset, _, _) = await rig.ChangeAsync(0);
        await rig.BeatAsync("ingress/0", offset + 1);
        await DashboardRig.EventuallyAsync(
            async () =>
            {
                // It lives all the while, however long this takes.
                await rig.BeatAsync("egress/a");
                return Advanced(rig, put);
            },
            "an answer");
        var (status, text) = await put;
        Assert.Equal(504, status);
        Assert.Contains("egress/a", text, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"TIMEOUT\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_that_an_instance_cannot_take_says_why()
    {
        await using var rig = await DashboardRig.StartAsync();
        await BeginAsync(rig, "subscriptions/x: old trouble");

        var put = rig.SendAsync("PUT", Gateway, """{"lifetime_max":"1000s"}""");
        await rig.ChangeAsync(0);
        await rig.BeatAsync("ingress/0", 0, "subscriptions/x: old trouble");
        await rig.BeatAsync("ingress/0", 0, "gateway.lwm2m: lifetime_max is too short for me");
        var (status, text) = await put;
        Assert.Equal(500, status);
        Assert.Contains("ingress/0 cannot take it: gateway.lwm2m: lifetime_max is too short for me", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_topic_of_commands_is_answered_when_egress_takes_it()
    {
        await using var rig = await DashboardRig.StartAsync();
        await rig.RegisterAsync("dev-1");
        await rig.BeatAsync("egress/a", 0);
        await BeginAsync(rig);

        var post = rig.SendAsync("POST", Gateway + "/clients/dev-1/subscriptions", """{"topic":"x/#","qos":1}""");
        var (offset, key, value) = await rig.ChangeAsync(0);
        Assert.Equal("subscriptions/dev-1", key);
        Assert.Equal("""{"topics":[{"topic":"x/#","qos":1}]}""", value!.ToJsonString());
        await rig.BeatAsync("egress/a", offset + 1);
        Assert.Equal(201, (await post).Status);

        var delete = rig.SendAsync("DELETE", Gateway + "/clients/dev-1/subscriptions/x%2F%23");
        (offset, _, value) = await rig.ChangeAsync(1);
        Assert.Null(value);
        await rig.BeatAsync("egress/a", offset + 1);
        Assert.Equal(204, (await delete).Status);
    }

    [Fact]
    public async Task A_kick_that_nobody_carries_out_is_a_timeout()
    {
        await using var rig = await DashboardRig.StartAsync();
        await rig.RegisterAsync("dev-1");
        var kick = rig.SendAsync("DELETE", Gateway + "/clients/dev-1");
        await DashboardRig.EventuallyAsync(() => Advanced(rig, kick), "an answer");
        var (status, text) = await kick;
        Assert.Equal(504, status);
        Assert.Contains("ingress/0", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kicked_client_that_has_gone_is_no_content()
    {
        await using var rig = await DashboardRig.StartAsync();
        await rig.RegisterAsync("dev-1");
        Assert.Equal(200, (await rig.SendAsync("GET", Gateway + "/clients/dev-1")).Status);
        var commanded = new TaskCompletionSource();
        using var commands = new LogReader(rig.Kafka, "commands", Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        commands.Start([.. Enumerable.Range(0, 4).Select(p => new LogPosition(rig.Topics.Commands, p, LogPosition.Beginning))], _ => commanded.TrySetResult());
        var kick = rig.SendAsync("DELETE", Gateway + "/clients/dev-1");
        await commanded.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await rig.WriteAsync(rig.Topics.Registrations, "dev-1", Registrations.Of("dev-1", 2, state: "gone").ToJson());
        Assert.Equal(204, (await kick).Status);
    }

    [Fact]
    public async Task Commands_are_written_under_an_id_and_the_outcome_is_known_by_it()
    {
        await using var rig = await DashboardRig.StartAsync();
        await rig.RegisterAsync("dev-1");
        var commands = new List<LogRecord>();
        using var reader = new LogReader(rig.Kafka, "commands", Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        reader.Start([.. Enumerable.Range(0, 4).Select(p => new LogPosition(rig.Topics.Commands, p, LogPosition.Beginning))], record =>
        {
            lock (commands)
                commands.Add(record);
        });

        var read = rig.SendAsync("POST", Gateway + "/clients/dev-1/read?path=/3/0/0&wait=true&timeout=60000");
        await DashboardRig.EventuallyAsync(() => commands.Count == 1, "the command");
        Assert.Equal("""{"msgType":"read","data":{"path":"/3/0/0"}}""", Encoding.UTF8.GetString(commands[0].Value!));
        Assert.Equal("dev-1", Encoding.UTF8.GetString(commands[0].Key));
        var id = Header(commands[0], CommandHeaders.CommandId);
        Assert.Equal(rig.Time.GetUtcNow().AddMinutes(1).ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture), Header(commands[0], CommandHeaders.ExpiresAt));

        await EventAsync(rig, "other", "elsewhere");
        Assert.False(read.IsCompleted);
        await EventAsync(rig, id, "EMQ");
        var (status, text) = await read;
        Assert.Equal(200, status);
        Assert.Contains("EMQ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_whose_reader_stands_still_is_cut_off()
    {
        await using var rig = await DashboardRig.StartAsync();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(rig.Http.BaseAddress!.Host, rig.Http.BaseAddress.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {Gateway}/events HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        await DashboardRig.EventuallyAsync(async () => await MetricAsync(rig, "lwm2m_dashboard_streams") == 1, "a stream");

        for (var i = 0; await MetricAsync(rig, "lwm2m_dashboard_streams_cut_total") == 0 && i < 100; i++)
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => EventAsync(rig, "c", new string('x', 60_000))));
        await DashboardRig.EventuallyAsync(async () => await MetricAsync(rig, "lwm2m_dashboard_streams") == 0, "no stream");
        Assert.Equal(1, await MetricAsync(rig, "lwm2m_dashboard_streams_cut_total"));
    }

    [Fact]
    public async Task With_keys_the_api_wants_one_and_health_does_not()
    {
        await using var rig = await DashboardRig.StartAsync("--http:api_keys:0=ops:secret");
        Assert.Equal(401, (await rig.SendAsync("GET", "/api/v5/gateways")).Status);
        Assert.Equal(401, (await rig.SendAsync("GET", "/api/v5/openapi.json")).Status);
        Assert.Equal(200, (await rig.SendAsync("GET", "/healthz")).Status);
        Assert.Equal(200, (await rig.SendAsync("GET", "/readyz")).Status);
        Assert.Equal(200, (await rig.SendAsync("GET", "/metrics")).Status);
        rig.Http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String("ops:secret"u8));
        Assert.Equal(200, (await rig.SendAsync("GET", "/api/v5/gateways")).Status);
    }

    [Fact]
    public void It_does_not_start_open_to_the_world_without_keys()
    {
        var kafka = new KafkaConnection("127.0.0.1:1", Embedded: false, new KafkaOptions(), null);
        var e = Assert.Throws<ConfigurationException>(() => GatewayHost.Create("dashboard", ["--http:bind=0.0.0.0:0"], builder => builder.AddDashboard(kafka)));
        Assert.Contains("http.api_keys", e.Message, StringComparison.Ordinal);
    }

    static Task<AppendResult> EventAsync(DashboardRig rig, string commandId, string value) => rig.WriteAsync(
        rig.Topics.Events, "dev-1",
        Encoding.UTF8.GetBytes($$$"""{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"{{{value}}}"}],"reqPath":"/3/0/0"},"msgType":"read"}"""),
        new RecordHeader(EventHeaders.Id, Encoding.UTF8.GetBytes(EventId.OfOutcome(commandId) + "-0")),
        new RecordHeader(EventHeaders.Type, "lwm2m.response"u8.ToArray()));

    // When the API shows the last heartbeat, it has read those before.
    static async Task BeginAsync(DashboardRig rig, string? problem = null)
    {
        await rig.BeatAsync("ingress/0", 0, problem);
        await DashboardRig.EventuallyAsync(
            async () => (await rig.SendAsync("GET", Gateway)).Text.Contains("\"status\":\"running\"", StringComparison.Ordinal), "heartbeats");
    }

    static bool Advanced(DashboardRig rig, Task answer)
    {
        rig.Time.Advance(TimeSpan.FromMilliseconds(500));
        return answer.IsCompleted;
    }

    static async Task<int> MetricAsync(DashboardRig rig, string name) =>
        (await rig.SendAsync("GET", "/metrics")).Text.Split('\n').Where(line => line.StartsWith(name + " ", StringComparison.Ordinal))
            .Select(line => int.Parse(line.AsSpan(name.Length + 1), System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();

    static string Header(LogRecord record, string name) => Encoding.UTF8.GetString(record.Headers.Single(h => h.Name == name).Value);
}
