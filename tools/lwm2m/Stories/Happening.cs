using System.Runtime.CompilerServices;
using Contracts;
using Tools.Captures;
using Tools.Traffic;

namespace Tools.Stories;

/// <summary>Something of a device's life: an event, or a datagram.</summary>
/// <param name="Ns">Unix time in ns.</param>
/// <param name="Event">Null: it is a datagram.</param>
/// <param name="Datagram">Null: it is an event.</param>
readonly record struct Happening(ulong Ns, UplinkEvent? Event, CapturedDatagram? Datagram)
{
    /// <summary>Both by time; of equal times the datagram first, which the event came of.</summary>
    public static async IAsyncEnumerable<Happening> ReadAsync(ITrafficSource events, ICaptureSource? datagrams, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var told = OfAsync(events, cancellation).GetAsyncEnumerator(cancellation);
        await using var recorded = OfAsync(datagrams, cancellation).GetAsyncEnumerator(cancellation);
        await foreach (var happening in Merge.ByTime([recorded, told], happening => happening.Ns))
            yield return happening;
    }

    static async IAsyncEnumerable<Happening> OfAsync(ITrafficSource events, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var (happened, _) in events.ReadAsync(static _ => 0, cancellation))
            yield return new Happening(happened.ReceivedNs, happened, null);
    }

    static async IAsyncEnumerable<Happening> OfAsync(ICaptureSource? datagrams, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (datagrams is null)
            yield break;
        await foreach (var captured in datagrams.ReadAsync(cancellation))
            yield return new Happening(captured.CapturedNs, null, captured);
    }
}
