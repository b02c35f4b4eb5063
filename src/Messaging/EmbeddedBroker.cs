using System.Runtime.InteropServices;
using System.Text;
using Contracts;

namespace Messaging;

/// <summary>
/// A Kafka broker inside this process, on loopback and a free port: the cluster that librdkafka brings for tests. Volatile: what it holds
/// ends with the process. Compacts nothing, but drops the oldest records of a partition beyond 5 MiB, which <see cref="Budget"/> guards.
/// </summary>
public sealed class EmbeddedBroker : IDisposable
{
    private const int Broker = 1;

    private readonly Lock _gate = new();
    private readonly IntPtr _client;
    private IntPtr _cluster;

    private EmbeddedBroker(IntPtr client, IntPtr cluster, IReadOnlyList<TopicSpec> topics)
    {
        _client = client;
        _cluster = cluster;
        BootstrapServers = Marshal.PtrToStringUTF8(MockCluster.Bootstraps(cluster))!;
        Budget = new UnreadBudget(topics);
    }

    /// <summary>Where any Kafka client of this machine reaches it.</summary>
    public string BootstrapServers { get; }

    /// <summary>What its producers ask before they write.</summary>
    public UnreadBudget Budget { get; }

    /// <summary>Starts a broker that has these topics; further ones appear, with 4 partitions, when they are asked for.</summary>
    public static EmbeddedBroker Start(IEnumerable<TopicSpec> topics) => Start(topics, brokers: 1);

    /// <summary>For tests: as several brokers, each partition on all of them.</summary>
    internal static EmbeddedBroker Start(IEnumerable<TopicSpec> topics, int brokers)
    {
        var specs = topics.ToArray();
        var error = new byte[512];
        var configuration = MockCluster.NewConfiguration();
        _ = MockCluster.Set(configuration, "log_level", "3", error, (nuint)error.Length); // it warns that it has no broker, which it is
        var client = MockCluster.NewClient(MockCluster.ProducerHandle, configuration, error, (nuint)error.Length);
        if (client == IntPtr.Zero)
        {
            throw new InvalidOperationException("The embedded broker cannot start: " + Encoding.UTF8.GetString(error).TrimEnd('\0'));
        }

        var cluster = MockCluster.New(client, brokers);
        if (cluster == IntPtr.Zero)
        {
            MockCluster.DestroyClient(client);
            throw new InvalidOperationException("The embedded broker cannot start: no port to listen on.");
        }

        var broker = new EmbeddedBroker(client, cluster, specs);
        MockCluster.SetRebalanceDelay(cluster, 50);
        foreach (var spec in specs)
        {
            if (MockCluster.CreateTopic(cluster, spec.Name, spec.Partitions, brokers) is var code and not 0)
            {
                broker.Dispose();
                throw new InvalidOperationException($"The embedded broker refuses topic {spec.Name}: error {code}.");
            }
        }

        return broker;
    }

    /// <summary>For tests: connections break and none is taken.</summary>
    public void SetDown() => With(static cluster => _ = MockCluster.SetDown(cluster, Broker));

    /// <summary>For tests: ends <see cref="SetDown"/>.</summary>
    public void SetUp() => With(static cluster => _ = MockCluster.SetUp(cluster, Broker));

    /// <summary>For tests: every answer is this late.</summary>
    public void SetRoundTripTime(TimeSpan time) =>
        With(cluster => _ = MockCluster.SetRoundTripTime(cluster, Broker, (int)time.TotalMilliseconds));

    /// <summary>Ends the broker; clients that still live see it vanish.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_cluster == IntPtr.Zero)
            {
                return;
            }

            MockCluster.Destroy(_cluster);
            MockCluster.DestroyClient(_client);
            _cluster = IntPtr.Zero;
        }
    }

    /// <summary>For tests: does something to the cluster of <see cref="MockCluster"/>.</summary>
    internal void With(Action<IntPtr> act)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_cluster == IntPtr.Zero, this);
            act(_cluster);
        }
    }
}
