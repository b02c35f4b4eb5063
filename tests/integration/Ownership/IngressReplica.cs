using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Ownership;

/// <summary>One Ingress process of several, with a slot and a listener of its own.</summary>
sealed class IngressReplica : IAsyncDisposable
{
    static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(5) };

    readonly string _folder = Directory.CreateTempSubdirectory("ingress-").FullName;

    public IngressReplica(int slot, string kafka, string prefix)
    {
        Coap = new IPEndPoint(IPAddress.Loopback, ServiceProcess.FreePort(SocketType.Dgram));
        var file = Path.Combine(_folder, "gateway.conf");
        File.WriteAllText(file, $$"""
            gateway.lwm2m { lifetime_min = 1s, listeners.udp.default { bind = "{{Coap}}" } }
            kafka { bootstrap_servers = "{{kafka}}", partitions = 4, slots = 4 }
            """);
        Process = new ServiceProcess("Ingress", _folder, ["--config", file], new Dictionary<string, string>
        {
            ["KAFKA__TOPIC_PREFIX"] = prefix, ["INGRESS__TOKEN_KEY"] = "a secret of the tests", ["INGRESS__SLOT"] = slot.ToString(CultureInfo.InvariantCulture),
        });
    }

    public IPEndPoint Coap { get; }

    public ServiceProcess Process { get; }

    public async Task StartAsync()
    {
        Process.Start();
        await Process.ReadyAsync();
    }

    /// <summary>What /readyz says: code and body.</summary>
    public async Task<(HttpStatusCode Code, string Text)> ReadinessAsync()
    {
        using var answer = await Client.GetAsync(new Uri(Process.Http, "/readyz"), TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            TestContext.Current.TestOutputHelper?.WriteLine(Process.Log);
        await Process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
