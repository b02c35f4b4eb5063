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

    /// <param name="credentials">File of those that come in over DTLS; records of the other replicas' sessions are handed on. Null: no DTLS.</param>
    /// <param name="sealing">Key that sessions are saved with, for the process after it; null: they are not.</param>
    public IngressReplica(int slot, string kafka, string prefix, string? credentials = null, string? sealing = null)
    {
        Coap = new IPEndPoint(IPAddress.Loopback, ServiceProcess.FreePort(SocketType.Dgram));
        Secure = new IPEndPoint(IPAddress.Loopback, ServiceProcess.FreePort(SocketType.Dgram));
        var secure = credentials is null ? "" : $$"""
            gateway.lwm2m.listeners.dtls.default { bind = "{{Secure}}" }
            credentials.file = "{{credentials}}"
            ingress.forward.bind = "127.0.0.1:0"
            """;
        if (sealing is not null)
        {
            secure += $$"""

                credentials.keys = ["{{sealing}}"]
                ingress.save_dtls_sessions = true
                """;
        }

        var file = Path.Combine(_folder, "gateway.conf");
        File.WriteAllText(file, $$"""
            gateway.lwm2m { lifetime_min = 1s, listeners.udp.default { bind = "{{Coap}}" } }
            kafka { bootstrap_servers = "{{kafka}}", partitions = 4, slots = 4 }
            {{secure}}
            """);
        Process = new ServiceProcess("Ingress", _folder, ["--config", file], new Dictionary<string, string>
        {
            ["KAFKA__TOPIC_PREFIX"] = prefix, ["INGRESS__TOKEN_KEY"] = "a secret of the tests", ["INGRESS__SLOT"] = slot.ToString(CultureInfo.InvariantCulture),
        });
    }

    public IPEndPoint Coap { get; }

    public IPEndPoint Secure { get; }

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

    /// <summary>The sum of a metric's values, of those alone that have that label.</summary>
    public async Task<double> MetricAsync(string name, string label = "")
    {
        var text = await Client.GetStringAsync(new Uri(Process.Http, "/metrics"), TestContext.Current.CancellationToken);
        return text.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is ' ' or '{' && line.Contains(label, StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.IndexOf('}') + 1 is > 0 and var end ? end : name.Length)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            TestContext.Current.TestOutputHelper?.WriteLine(Process.Log);
        await Process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
