using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Messaging;

/// <summary>What this assembly counts, by topic, in the meter <see cref="MeterName"/>.</summary>
public static class MessagingMetrics
{
    public const string MeterName = "lwm2m.messaging";

    private static readonly Meter s_meter = new(MeterName);
    private static readonly ConcurrentDictionary<object, Func<IEnumerable<Measurement<long>>>> s_lags = new();
    private static long s_inFlight;

    internal static readonly Counter<long> Appended =
        Counter("appended", "Records that Kafka has acknowledged.");
    internal static readonly Counter<long> AppendFailed =
        Counter("append_failed", "Records handed to the Kafka client that it could not deliver.");
    internal static readonly Counter<long> QueueFull =
        Counter("queue_full", "Records refused because the producer's queue or the embedded broker's partition is full.");
    internal static readonly Counter<long> BrokersAway =
        Counter("brokers_away", "Records refused because no broker can be reached.");
    internal static readonly Counter<long> TooLarge =
        Counter("too_large", "Records refused because Kafka would not take their size.");
    internal static readonly Counter<long> Read =
        Counter("read", "Records handed to a handler.");
    internal static readonly Counter<long> Committed =
        Counter("committed", "Commits of a partition's position.");
    internal static readonly Counter<long> OutOfRange =
        Counter("out_of_range", "Times that a position was not in the log and reading went on at the nearest one that is.");
    internal static readonly Counter<long> HandlerFailed =
        Counter("handler_failed", "Exceptions of handlers and sinks; each ends its reader.");

    internal static readonly Counter<long> Replaced =
        Counter("clients_replaced", "Readers' Kafka clients that stood still while Kafka answered others, and were replaced by new ones.");
    internal static readonly Counter<long> StoodStill =
        Counter("clients_ended", "Producers and members of groups that stood still while Kafka answered others; each ends its process.");

    static MessagingMetrics()
    {
        s_meter.CreateObservableGauge(
            "in_flight", static () => Volatile.Read(ref s_inFlight),
            description: "Records handed to the Kafka client and not acknowledged yet.");
        s_meter.CreateObservableGauge(
            "lag", static () => s_lags.Values.SelectMany(static lags => lags()),
            description: "Records that a group has not committed, by partition.");
    }

    internal static void AddInFlight(int records) => Interlocked.Add(ref s_inFlight, records);

    internal static void Observe(object owner, Func<IEnumerable<Measurement<long>>> lags) => s_lags[owner] = lags;

    internal static void Forget(object owner) => s_lags.TryRemove(owner, out _);

    internal static void Count(this Counter<long> counter, string topic) =>
        counter.Add(1, new KeyValuePair<string, object?>("topic", topic));

    internal static void CountClient(this Counter<long> counter, string clientId) =>
        counter.Add(1, new KeyValuePair<string, object?>("client", clientId));

    private static Counter<long> Counter(string name, string description) => s_meter.CreateCounter<long>(name, description: description);
}
