using System.Threading.Channels;
using Contracts;

namespace Ingress.Capture;

/// <summary>
/// What was recorded and Kafka has not been offered yet. Whoever records never waits: what finds no room is left out, and counted. Written to under the
/// node's gate, read by one.
/// </summary>
sealed class CaptureQueue(IngressTelemetry telemetry)
{
    public const int MostDatagrams = 8192;
    public const int MostBytes = 16 << 20;

    readonly Channel<CapturedDatagram> _waiting = Channel.CreateBounded<CapturedDatagram>(new BoundedChannelOptions(MostDatagrams) { SingleReader = true });
    long _bytes;
    long _dropped;
    ulong _sequence;

    /// <summary>Datagrams that were left out, here or later.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Numbers it and takes it, or leaves it out.</summary>
    public void Put(CapturedDatagram captured)
    {
        captured.Sequence = ++_sequence;
        captured.Dropped = (ulong)Dropped;
        var size = captured.Datagram.Length;
        if (Interlocked.Add(ref _bytes, size) > MostBytes || !_waiting.Writer.TryWrite(captured))
        {
            Interlocked.Add(ref _bytes, -size);
            Drop("queue");
        }
    }

    /// <summary>Null where nothing more will come.</summary>
    public async ValueTask<CapturedDatagram?> TakeAsync(CancellationToken cancellation)
    {
        if (!await _waiting.Reader.WaitToReadAsync(cancellation))
            return null;
        return TryTake(out var captured) ? captured : null;
    }

    public bool TryTake(out CapturedDatagram? captured)
    {
        var isThere = _waiting.Reader.TryRead(out captured);
        if (isThere)
            Interlocked.Add(ref _bytes, -captured!.Datagram.Length);
        return isThere;
    }

    /// <summary>Counts one that does not get to Kafka.</summary>
    /// <param name="reason">"queue", "kafka".</param>
    public void Drop(string reason)
    {
        Interlocked.Increment(ref _dropped);
        telemetry.CaptureDropped.Add(1, new KeyValuePair<string, object?>("reason", reason));
    }

    public void Complete() => _waiting.Writer.TryComplete();
}
