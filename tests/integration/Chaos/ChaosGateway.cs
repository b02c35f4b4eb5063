using System.Net;
using System.Net.Sockets;
using Contracts;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Kafka;
using Pipeline.IntegrationTests.Mqtt;

namespace Pipeline.IntegrationTests.Chaos;

/// <summary>
/// Several replicas of each service, each a process, on a Kafka and a mosquitto of their own. The replica with number 1 of each service reaches
/// Kafka, and that of Egress MQTT, through proxies.
/// </summary>
sealed class ChaosGateway : IAsyncDisposable
{
    /// <summary>The replica that stands behind proxies.</summary>
    public const int Proxied = 1;

    // Nine processes and their brokers begin at the same time; how fast they come is not what is tested.
    static readonly TimeSpan Starting = TimeSpan.FromMinutes(3);

    readonly ChaosSettings _settings;
    readonly string _folder;

    ChaosGateway(ChaosSettings settings, string folder)
    {
        (_settings, _folder) = (settings, folder);
        Coap = [.. Enumerable.Range(0, settings.Replicas).Select(_ => new IPEndPoint(IPAddress.Loopback, ServiceProcess.FreePort(SocketType.Dgram)))];
    }

    public Topics Topics { get; } = new("lwm2m");

    public IReadOnlyList<IPEndPoint> Coap { get; }

    public MosquittoFixture Mosquitto { get; } = new();

    public KafkaCluster Kafka { get; private set; } = null!;

    public StallingProxy WayToMosquitto { get; private set; } = null!;

    /// <summary>The way of the other replicas.</summary>
    public StallingProxy UsualWayToMosquitto { get; private set; } = null!;

    public ServiceProcess[] Ingress { get; private set; } = [];

    public ServiceProcess[] Translator { get; private set; } = [];

    public ServiceProcess[] Egress { get; private set; } = [];

    public int Partitions => _settings.Partitions;

    public IEnumerable<ServiceProcess> All => [.. Ingress, .. Translator, .. Egress];

    /// <summary>The replicas of a service by its name.</summary>
    public ServiceProcess[] Of(string service) => service switch
    {
        nameof(Ingress) => Ingress,
        nameof(Translator) => Translator,
        _ => Egress,
    };

    /// <summary>The way of <see cref="Proxied"/> of that service to Kafka.</summary>
    public KafkaDoor WayOf(string service) => Kafka.Door(service.ToUpperInvariant());

    public static async Task<ChaosGateway> StartAsync(ChaosSettings settings, string folder)
    {
        var gateway = new ChaosGateway(settings, folder);
        try
        {
            await gateway.StartAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in All)
            await service.DisposeAsync();
        if (WayToMosquitto is not null)
            await WayToMosquitto.DisposeAsync();
        if (UsualWayToMosquitto is not null)
            await UsualWayToMosquitto.DisposeAsync();
        if (Kafka is not null)
            await Kafka.DisposeAsync();
        await Mosquitto.DisposeAsync();
    }

    async Task StartAsync()
    {
        await Mosquitto.StartAsync();
        WayToMosquitto = new StallingProxy(Mosquitto.Port);
        UsualWayToMosquitto = new StallingProxy(Mosquitto.Port);
        Kafka = await KafkaCluster.StartAsync(_settings.KafkaNodes, ["INGRESS", "TRANSLATOR", "EGRESS"]);
        var file = Path.Combine(_folder, "gateway.conf");
        await File.WriteAllTextAsync(file, $$"""
            gateway.lwm2m {
              lifetime_max = 30d
              auto_observe = ["/3/0/9"]
              translators {
                command { topic = "dn/#", qos = 1 }, response { topic = "up/resp" }, notify { topic = "up/notify" }
                register { topic = "up/resp" }, update { topic = "up/resp" }
              }
              listeners.udp.default { bind = "127.0.0.1:5783" }
            }
            kafka { partitions = {{_settings.Partitions}}, slots = 8, replication_factor = {{Math.Min(3, _settings.KafkaNodes)}} }
            translator.command_ttl = 120s
            {{_settings.Gateway}}
            """);
        Ingress = Make("Ingress", file, i => [$"--ingress:slot={i}", $"--gateway:lwm2m:listeners:udp:default:bind={Coap[i]}"]);
        Translator = Make("Translator", file, _ => []);
        Egress = Make("Egress", file, _ => []);
        // The first makes the topics.
        Ingress[0].Start();
        await Ingress[0].ReadyAsync(Starting);
        foreach (var service in All.Skip(1))
            service.Start();
        await Task.WhenAll(All.Select(service => service.ReadyAsync(Starting)));
    }

    ServiceProcess[] Make(string service, string file, Func<int, string[]> arguments) =>
    [
        .. Enumerable.Range(0, _settings.Replicas).Select(i => new ServiceProcess(
            service, _folder,
            [
                "--config", file, $"--kafka:bootstrap_servers={(i == Proxied ? WayOf(service).BootstrapServers : Kafka.BootstrapServers)}",
                $"--mqtt:server=mqtt://127.0.0.1:{(i == Proxied ? WayToMosquitto : UsualWayToMosquitto).Port}", .. arguments(i),
            ],
            new Dictionary<string, string>
            {
                ["INGRESS__TOKEN_KEY"] = "a secret of the tests", ["POD_NAME"] = $"{service.ToLowerInvariant()}-{i}",
                ["DOTNET_gcServer"] = "0", ["DOTNET_TieredPGO"] = "0",
            },
            $"-{i}")),
    ];
}
