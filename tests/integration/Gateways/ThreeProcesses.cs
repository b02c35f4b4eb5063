using System.Net;
using System.Net.Sockets;

namespace Pipeline.IntegrationTests.Gateways;

/// <summary>
/// Ingress, Translator and Egress as processes, configured by one file and the environment, with an external Kafka and MQTT broker.
/// </summary>
sealed class ThreeProcesses : IAsyncDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("gateway-").FullName;

    ThreeProcesses(IPEndPoint coap, string block, string kafka, string mqtt, string prefix)
    {
        Coap = coap;
        var file = Path.Combine(_folder, "gateway.conf");
        File.WriteAllText(file, $$"""
            {{block}}
            kafka { bootstrap_servers = "{{kafka}}", partitions = 4, slots = 4 }
            mqtt { server = "{{mqtt}}" }
            """);
        var environment = new Dictionary<string, string>
        {
            ["KAFKA__TOPIC_PREFIX"] = prefix, ["INGRESS__TOKEN_KEY"] = "a secret of the tests",
        };
        Ingress = new ServiceProcess("Ingress", _folder, ["--config", file], environment);
        Translator = new ServiceProcess("Translator", _folder, ["--config", file], environment);
        Egress = new ServiceProcess("Egress", _folder, ["--config", file], environment);
    }

    public IPEndPoint Coap { get; }

    public ServiceProcess Ingress { get; }
    public ServiceProcess Translator { get; }
    public ServiceProcess Egress { get; }

    public string Log => string.Join('\n', All.Select(service => service.Log));

    IEnumerable<ServiceProcess> All => [Ingress, Translator, Egress];

    /// <param name="block">Makes the block <c>gateway.lwm2m</c> from the address of its listener.</param>
    public static async Task<ThreeProcesses> StartAsync(Func<IPEndPoint, string> block, string kafka, string mqtt, string prefix)
    {
        var coap = new IPEndPoint(IPAddress.Loopback, ServiceProcess.FreePort(SocketType.Dgram));
        var processes = new ThreeProcesses(coap, block(coap), kafka, mqtt, prefix);
        try
        {
            foreach (var service in processes.All)
                service.Start();
            await Task.WhenAll(processes.All.Select(service => service.ReadyAsync()));
            return processes;
        }
        catch
        {
            await processes.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in All)
            await service.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
