using Messaging;

namespace Pipeline.Tests.Messaging;

/// <summary>What can go wrong on the embedded broker. Codes are those of the Kafka protocol.</summary>
internal static class Faults
{
    public const int LeaderNotAvailable = 5;
    public const int NotLeader = 6;
    public const int RequestTimedOut = 7;
    public const int CoordinatorNotAvailable = 15;
    public const int NotCoordinator = 16;
    public const int NotEnoughReplicas = 19;
    public const int IllegalGeneration = 22;
    public const int UnknownMember = 25;
    public const int RebalanceInProgress = 27;

    public const short Produce = 0;
    public const short Fetch = 1;
    public const short ListOffsets = 2;
    public const short OffsetCommit = 8;
    public const short OffsetFetch = 9;
    public const short FindCoordinator = 10;
    public const short JoinGroup = 11;
    public const short Heartbeat = 12;
    public const short InitProducerId = 22;

    /// <summary>The next requests of a kind are refused.</summary>
    public static void Refuse(this EmbeddedBroker broker, short request, params int[] codes) =>
        broker.With(cluster => MockCluster.PushRequestErrors(cluster, request, (nuint)codes.Length, codes));

    /// <summary>So many requests of a kind are refused, or those until <see cref="Accept"/>.</summary>
    public static void RefuseAll(this EmbeddedBroker broker, short request, int code, int most = 100_000) =>
        broker.Refuse(request, [.. Enumerable.Repeat(code, most)]);

    public static void Accept(this EmbeddedBroker broker, short request) =>
        broker.With(cluster => MockCluster.ClearRequestErrors(cluster, request));

    /// <summary>Moves a partition to another broker; -1: it has no leader.</summary>
    public static void Lead(this EmbeddedBroker broker, int partition, int leader) =>
        broker.With(cluster => Assert.Equal(0, MockCluster.SetLeader(cluster, Embedded.Topic, partition, leader)));

    /// <summary>Moves the coordinator of a group.</summary>
    public static void Coordinate(this EmbeddedBroker broker, string group, int coordinator) =>
        broker.With(cluster => Assert.Equal(0, MockCluster.SetCoordinator(cluster, "group", group, coordinator)));

    /// <summary>One of several brokers goes away.</summary>
    public static void Down(this EmbeddedBroker broker, int number) =>
        broker.With(cluster => Assert.Equal(0, MockCluster.SetDown(cluster, number)));

    public static void Up(this EmbeddedBroker broker, int number) =>
        broker.With(cluster => Assert.Equal(0, MockCluster.SetUp(cluster, number)));
}
