using System.Globalization;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Mqtt;

/// <summary>Several Egress processes on one Kafka and one MQTT broker.</summary>
sealed class EgressReplicas : IAsyncDisposable
{
    public const int Partitions = 6;

    static readonly HttpClient Client = new() { Timeout = TimeSpan.FromSeconds(20) };

    readonly string _folder = Directory.CreateTempSubdirectory("egress-").FullName;
    readonly string _file;
    readonly string _prefix;
    readonly List<ServiceProcess> _all = [];

    /// <param name="kafka">Bootstrap servers.</param>
    /// <param name="mqtt">URL of the broker.</param>
    /// <param name="prefix">Of topics, group and MQTT clients.</param>
    /// <param name="egress">Content of the section <c>egress</c>.</param>
    public EgressReplicas(string kafka, string mqtt, string prefix, string egress = "")
    {
        _prefix = prefix;
        _file = Path.Combine(_folder, "gateway.conf");
        // The shortest that Kafka allows: so long the partitions of a dead process wait.
        File.WriteAllText(_file, $$"""
            kafka { bootstrap_servers = "{{kafka}}", partitions = {{Partitions}}, slots = 4, client { "session.timeout.ms" = "6000" } }
            mqtt { server = "{{mqtt}}" }
            egress { {{egress}} }
            """);
    }

    public string Log => string.Join('\n', _all.Select(replica => replica.Log));

    /// <summary>Starts one more.</summary>
    public async Task<ServiceProcess> AddAsync()
    {
        var name = $"egress-{_all.Count}";
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        var environment = new Dictionary<string, string> { ["KAFKA__TOPIC_PREFIX"] = _prefix, ["POD_NAME"] = name };
        var replica = new ServiceProcess("Egress", folder, ["--config", _file], environment);
        _all.Add(replica);
        replica.Start();
        await replica.ReadyAsync();
        return replica;
    }

    public async Task<IReadOnlyList<ServiceProcess>> AddAsync(int count)
    {
        var added = new List<ServiceProcess>();
        while (added.Count < count)
            added.Add(await AddAsync());
        return added;
    }

    /// <summary>What it has counted, over all labels.</summary>
    public static async Task<double> CountAsync(ServiceProcess replica, string metric)
    {
        var text = await Client.GetStringAsync(new Uri(replica.Http, "/metrics"), TestContext.Current.CancellationToken);
        return text.Split('\n').Where(line => line.StartsWith(metric, StringComparison.Ordinal) && line.Length > metric.Length && line[metric.Length] is ' ' or '{')
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _all)
            await replica.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
