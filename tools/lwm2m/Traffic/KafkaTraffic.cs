using Contracts;
using Google.Protobuf;
using Messaging;
using Microsoft.Extensions.Logging;

namespace Tools.Traffic;

/// <summary>Traffic as the uplink topic keeps it, up to what stands there when the reading begins.</summary>
sealed class KafkaTraffic(KafkaConnection connection, TrafficSelection selection, ILogger logger) : ITrafficSource
{
    readonly TopicScan _scan = new(connection, new Topics(connection.Options.TopicPrefix).Uplink, selection.ReadFrom, logger);
    long _unreadable;

    public long Unreadable => Interlocked.Read(ref _unreadable);

    public IAsyncEnumerable<(UplinkEvent Event, T Result)> ReadAsync<T>(Func<UplinkEvent, T> work, CancellationToken cancellation) =>
        _scan.ReadAsync<(UplinkEvent Event, T Result)>(
            () =>
            {
                var context = new TrafficContext(selection);
                return record => Take(record, context).Select(wanted => (wanted, work(wanted)));
            },
            item => item.Event.ReceivedNs,
            cancellation);

    IEnumerable<UplinkEvent> Take(LogRecord record, TrafficContext context)
    {
        if (TryParse(record.Value, out var happened))
            return context.Take(happened);
        Interlocked.Increment(ref _unreadable);
        return [];
    }

    static bool TryParse(byte[]? value, out UplinkEvent happened)
    {
        try
        {
            happened = UplinkEvent.Parser.ParseFrom(value ?? []);
            return happened is { Schema: > 0 and <= Schema.Current, Endpoint.Length: > 0 };
        }
        catch (InvalidProtocolBufferException)
        {
            happened = new UplinkEvent();
            return false;
        }
    }
}
