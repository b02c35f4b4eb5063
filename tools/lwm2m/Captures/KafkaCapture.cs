using Contracts;
using Google.Protobuf;
using Ingress.Sockets;
using Messaging;
using Microsoft.Extensions.Logging;
using Tools.Traffic;

namespace Tools.Captures;

/// <summary>Datagrams as the capture topic keeps them, up to what stands there when the reading begins.</summary>
sealed class KafkaCapture(KafkaConnection connection, CaptureSelection selection, ILogger logger) : ICaptureSource
{
    // A record may be written a while after its datagram came, and by another machine's clock.
    static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    readonly TopicScan _scan = new(connection, new Topics(connection.Options.TopicPrefix).Capture, selection.From - Slack, logger);
    long _unreadable;

    /// <summary>Whether there is the topic: gateways of before did not make it.</summary>
    public static bool Exists(KafkaConnection connection)
    {
        using var index = new LogIndex(connection, "lwm2m-capture");
        return index.Partitions(new Topics(connection.Options.TopicPrefix).Capture) > 0;
    }

    public long Unreadable => Interlocked.Read(ref _unreadable);

    public IAsyncEnumerable<CapturedDatagram> ReadAsync(CancellationToken cancellation) =>
        _scan.ReadAsync<CapturedDatagram>(() => Take, captured => captured.CapturedNs, cancellation);

    /// <summary>False for what is no such record of a version that is understood.</summary>
    public static bool TryParse(byte[]? value, out CapturedDatagram captured)
    {
        try
        {
            captured = CapturedDatagram.Parser.ParseFrom(value ?? []);
            return IsSound(captured);
        }
        catch (InvalidProtocolBufferException)
        {
            captured = new CapturedDatagram();
            return false;
        }
    }

    public static bool IsSound(CapturedDatagram captured) =>
        captured is { Schema: > 0 and <= Schema.Current, Direction: CaptureDirection.Received or CaptureDirection.Transmitted }
        && captured.Peer.Length == Peer.Length && captured.Local.Length is 0 or Peer.Length;

    IEnumerable<CapturedDatagram> Take(LogRecord record)
    {
        if (!TryParse(record.Value, out var captured))
            Interlocked.Increment(ref _unreadable);
        else if (selection.Wants(captured))
            yield return captured;
    }
}
