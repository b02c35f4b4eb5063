namespace Messaging;

/// <summary>
/// How long a client may stand still while Kafka answers others, before it is rebuilt or ended. librdkafka does not always recover from an
/// outage of all brokers. The longest that a healthy client needs is 60 s: so long it waits on a connection that has died silently
/// (<c>socket.timeout.ms</c>).
/// </summary>
/// <param name="Look">Between two looks at a client.</param>
/// <param name="Behind">
/// A reader without a group has read nothing while Kafka told others of more: what takes its place goes on at the same record and costs little, so it need not be
/// waited for long.
/// </param>
/// <param name="StandsStill">Owes something, and nothing moves: three times what a healthy client needs.</param>
/// <param name="Unassigned">
/// A member of a group without an assignment: far longer than a member that has died in a rebalance can hold up the others, or a question that the
/// coordinator has forgotten itself (<c>max.poll.interval.ms</c>).
/// </param>
/// <param name="Silence">No answer to any question for offsets, which are asked anew all the time. What follows is cheap.</param>
internal sealed record Patience(TimeSpan Look, TimeSpan Behind, TimeSpan StandsStill, TimeSpan Unassigned, TimeSpan Silence)
{
    public static Patience Usual { get; } =
        new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(30));

    /// <summary>Looks that find a client standing still, one after the other.</summary>
    public int Looks(TimeSpan time) => (int)Math.Ceiling(time / Look);
}
