using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Kafka;
using Pipeline.IntegrationTests.Mqtt;

namespace Pipeline.IntegrationTests.Dashboard;

/// <summary>Two Dashboards as processes of their own, beside the three of the gateway, on a real Kafka.</summary>
public sealed class ReplicaTests(KafkaFixture kafka) : IAsyncLifetime
{
    readonly MosquittoFixture _mosquitto = new();
    readonly string[] _folders = [Directory.CreateTempSubdirectory("dashboard-").FullName, Directory.CreateTempSubdirectory("dashboard-").FullName];
    readonly ServiceProcess[] _dashboards = new ServiceProcess[2];
    ThreeProcesses? _gateway;

    public async ValueTask InitializeAsync()
    {
        if (ThreeProcessFixture.MissingHere(_mosquitto) is not null)
            return;
        await _mosquitto.StartAsync();
        var servers = (await kafka.RequireAsync()).BootstrapServers;
        _gateway = await ThreeProcesses.StartAsync(Block, servers, _mosquitto.Server, "replicas");
        for (var i = 0; i < 2; i++)
        {
            var file = Path.Combine(_folders[i], "gateway.conf");
            await File.WriteAllTextAsync(file, $$"""{{Block(_gateway.Coap)}} kafka { bootstrap_servers = "{{servers}}", topic_prefix = replicas, partitions = 4, slots = 4 }""");
            _dashboards[i] = new ServiceProcess("Dashboard", _folders[i], ["--config", file], new Dictionary<string, string>());
            _dashboards[i].Start();
        }

        await Task.WhenAll(_dashboards.Select(d => d.ReadyAsync()));
    }

    [Fact]
    public async Task Any_replica_answers_and_one_that_starts_again_knows_what_there_was()
    {
        Assert.SkipWhen(_gateway is null, ThreeProcessFixture.MissingHere(_mosquitto) ?? "");
        using var one = new Api(_dashboards[0].Http);
        using var other = new Api(_dashboards[1].Http);
        using var device = new BareDevice(_gateway.Coap);
        await device.RegisterAsync();

        foreach (var api in new[] { one, other })
        {
            var read = api.PostAsync(Api.Client(device.Endpoint, "/read?path=/3/0/0&wait=true"));
            await device.AnswerAsync(await device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.Content, "EMQ", 0);
            Assert.Contains("\"value\":\"EMQ\"", (await read).Expect(200).Text, StringComparison.Ordinal);
        }

        // Five processes take it.
        (await one.PutAsync(Api.Lwm2m, """{"lifetime_max":"600s"}""")).Expect(204);
        Assert.Equal("10m", (await other.GetAsync(Api.Lwm2m)).Expect(200).Json.GetProperty("lifetime_max").GetString());
        (await one.PostAsync(Api.Client(device.Endpoint, "/subscriptions"), """{"topic":"more/#"}""")).Expect(201);

        await _dashboards[0].KillAsync();
        _dashboards[0].Start();
        await _dashboards[0].ReadyAsync();
        Assert.Equal("10m", (await one.GetAsync(Api.Lwm2m)).Expect(200).Json.GetProperty("lifetime_max").GetString());
        Assert.Equal(2, (await one.GetAsync(Api.Client(device.Endpoint, "/subscriptions"))).Expect(200).Json.GetArrayLength());
        Assert.Contains("EMQ", (await one.GetAsync(Api.Client(device.Endpoint, "/lookup?path=/3/0/0&action=read"))).Expect(200).Text, StringComparison.Ordinal);

        // What one replica does, the other sees.
        (await other.DeleteAsync(Api.Client(device.Endpoint))).Expect(204);
        (await other.GetAsync(Api.Client(device.Endpoint))).ExpectError(404, "RESOURCE_NOT_FOUND");
        await Eventually.TrueAsync(
            async () => (await one.GetAsync(Api.Client(device.Endpoint))).Status == 404, TimeSpan.FromSeconds(10), () => "gone at both");

        Assert.Equal(0, await _dashboards[1].StopAsync());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var dashboard in _dashboards)
        {
            if (dashboard is null)
                continue;
            if (TestContext.Current.TestState?.Result == TestResult.Failed)
                TestContext.Current.TestOutputHelper?.WriteLine(dashboard.Log);
            await dashboard.DisposeAsync();
        }

        if (_gateway is not null)
            await _gateway.DisposeAsync();
        await _mosquitto.DisposeAsync();
        foreach (var folder in _folders)
            Directory.Delete(folder, recursive: true);
    }

    static string Block(System.Net.IPEndPoint coap) => $$"""
        gateway.lwm2m {
          lifetime_min = 1s
          listeners.udp.default { bind = "{{coap}}" }
        }
        """;
}
