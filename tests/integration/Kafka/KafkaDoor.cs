using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Kafka;

/// <summary>A listener of all brokers of a cluster that is reached through proxies, which can be stalled and cut.</summary>
internal sealed class KafkaDoor(string name, int port, int nodes) : IAsyncDisposable
{
    /// <summary>Between the ports of two listeners of a node; the controller's is the first above the brokers' own.</summary>
    public const int Distance = 100;

    private readonly StallingProxy[] _proxies = [.. Enumerable.Range(0, nodes).Select(n => new StallingProxy(port + n))];

    public string Name => name;

    /// <summary>What a client is told that has to come through it.</summary>
    public string BootstrapServers => string.Join(',', _proxies.Select(proxy => $"127.0.0.1:{proxy.Port}"));

    /// <summary>Nothing moves any more, in either direction.</summary>
    public void Stall() => Array.ForEach(_proxies, proxy => proxy.Stall());

    /// <summary>Ends all connections, and refuses new ones.</summary>
    public void Cut() => Array.ForEach(_proxies, proxy => proxy.Cut());

    public void ResumeAfresh() => Array.ForEach(_proxies, proxy => proxy.ResumeAfresh());

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }
    }

    /// <summary>Of a node, in addition to those that the script has written: a later line wins.</summary>
    public static IEnumerable<string> Settings(IReadOnlyList<KafkaDoor> doors, int port, int node)
    {
        var own = $"PLAINTEXT://127.0.0.1:{port + node - 1}";
        yield return $"listeners={own},CONTROLLER://127.0.0.1:{port + Distance + node - 1}"
            + string.Concat(doors.Select(door => $",{door.Name}://127.0.0.1:{door.PortOf(node)}"));
        yield return $"advertised.listeners={own}" + string.Concat(doors.Select(door => $",{door.Name}://127.0.0.1:{door._proxies[node - 1].Port}"));
        yield return "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"
            + string.Concat(doors.Select(door => $",{door.Name}:PLAINTEXT"));
        yield return "inter.broker.listener.name=PLAINTEXT";
    }

    private int PortOf(int node) => port + node - 1;
}
