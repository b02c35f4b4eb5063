using System.Runtime.CompilerServices;
using Contracts;
using Tools.Output;

namespace Tools.Traffic;

/// <summary>Traffic whose reading is shown: how much of the time between the first event and the end has passed.</summary>
/// <param name="source">What is read.</param>
/// <param name="bar">Where it is shown.</param>
/// <param name="end">Of the window; null where nobody knows it.</param>
sealed class WatchedTraffic(ITrafficSource source, ProgressBar bar, DateTimeOffset? end) : ITrafficSource
{
    public long Unreadable => source.Unreadable;

    public async IAsyncEnumerable<(UplinkEvent Event, T Result)> ReadAsync<T>(
        Func<UplinkEvent, T> work, [EnumeratorCancellation] CancellationToken cancellation)
    {
        DateTimeOffset? first = null;
        var done = 0L;
        await foreach (var item in source.ReadAsync(work, cancellation))
        {
            var time = TrafficSelection.TimeOf(item.Event);
            first ??= time;
            bar.Report(++done, end > first ? (time - first.Value) / (end.Value - first.Value) : null);
            yield return item;
        }
    }
}
