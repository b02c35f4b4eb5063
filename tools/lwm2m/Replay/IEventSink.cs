using Contracts;

namespace Tools.Replay;

/// <summary>Where replayed events go.</summary>
interface IEventSink : IAsyncDisposable
{
    /// <param name="happened">What the events were made of.</param>
    ValueTask TakeAsync(UplinkEvent happened, IReadOnlyList<ReplayedEvent> events, CancellationToken cancellation);

    /// <summary>All that was taken is where it should be.</summary>
    ValueTask FinishAsync(CancellationToken cancellation);
}
