using System.Net;

namespace Pipeline.IntegrationTests.Chaos.Fleet;

/// <summary>
/// What a load balancer knows of the replicas: who is in, and which of them a device is sent to as long as it answers.
/// </summary>
sealed class Rotation
{
    readonly SocketAddress[] _addresses;
    readonly int[] _ports;
    volatile int[] _in;

    public Rotation(IReadOnlyList<IPEndPoint> replicas)
    {
        _addresses = [.. replicas.Select(replica => replica.Serialize())];
        _ports = [.. replicas.Select(replica => replica.Port)];
        _in = [.. Enumerable.Range(0, replicas.Count)];
    }

    public int Count => _ports.Length;

    /// <summary>Devices are sent to these from now on.</summary>
    public void Set(IEnumerable<int> replicas) => _in = [.. replicas];

    public bool Has(int replica) => _in.Contains(replica);

    public SocketAddress AddressOf(int replica) => _addresses[replica];

    /// <summary>-1 for a stranger.</summary>
    public int ReplicaAt(int port) => Array.IndexOf(_ports, port);

    public int Own(int device) => _in is var known ? known[device % known.Length] : 0;

    public int Any(Random random) => _in is var known ? known[random.Next(known.Length)] : 0;
}
