using System.Runtime.CompilerServices;
using Contracts;
using Tools.Output;

namespace Tools.Captures;

/// <summary>Datagrams of another source, while a bar shows how far their times are on the way to the end.</summary>
/// <param name="end">Null where nobody knows it.</param>
sealed class WatchedCapture(ICaptureSource source, ProgressBar bar, DateTimeOffset? end) : ICaptureSource
{
    public long Unreadable => source.Unreadable;

    public async IAsyncEnumerable<CapturedDatagram> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        DateTimeOffset? first = null;
        var done = 0L;
        await foreach (var captured in source.ReadAsync(cancellation))
        {
            var time = CaptureSelection.TimeOf(captured);
            first ??= time;
            bar.Report(++done, end > first ? (time - first.Value) / (end.Value - first.Value) : null);
            yield return captured;
        }
    }
}
