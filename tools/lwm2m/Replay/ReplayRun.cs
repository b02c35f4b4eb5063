using System.Diagnostics;
using Tools.Traffic;

namespace Tools.Replay;

/// <summary>Traffic through the Translator's rules into a sink. Commands that translation would lead to go nowhere.</summary>
sealed class ReplayRun(ITrafficSource source, Rules rules, Pace pace, IEventSink sink, Action<string> warn)
{
    const int MostWarnings = 20;

    public async Task<ReplayTotals> RunAsync(CancellationToken cancellation)
    {
        var totals = new ReplayTotals();
        var started = Stopwatch.GetTimestamp();
        await foreach (var (happened, (events, problem)) in source.ReadAsync(happened => (rules.Translate(happened, out var problem), problem), cancellation))
        {
            await pace.WaitAsync(happened, cancellation);
            await sink.TakeAsync(happened, events, cancellation);
            totals.Happened++;
            totals.Events += events.Count;
            totals.Note(TrafficSelection.TimeOf(happened));
            if (problem is not null && ++totals.Untranslatable <= MostWarnings)
                warn(problem);
        }

        await sink.FinishAsync(cancellation);
        totals.Took = Stopwatch.GetElapsedTime(started);
        totals.Unreadable = source.Unreadable;
        return totals;
    }
}
