using Contracts;
using Tools.Traffic;

namespace Tools.Replay;

/// <summary>When the next event goes out: as far from the first as it was then, divided by the speed.</summary>
/// <param name="speed">1 = as recorded; null = at once.</param>
sealed class Pace(double? speed, TimeProvider time)
{
    (DateTimeOffset Recorded, long Now)? _first;

    public async ValueTask WaitAsync(UplinkEvent happened, CancellationToken cancellation)
    {
        if (speed is not { } factor)
            return;
        var recorded = TrafficSelection.TimeOf(happened);
        _first ??= (recorded, time.GetTimestamp());
        var ahead = (recorded - _first.Value.Recorded) / factor - time.GetElapsedTime(_first.Value.Now);
        if (ahead > TimeSpan.Zero)
            await Task.Delay(ahead, time, cancellation);
    }
}
