namespace Tools.Load;

/// <summary>Raises the rate step by step until it is not sustained any more.</summary>
sealed class RampRun(RampSettings ramp, LoadGenerator generator, LoadMonitor monitor, Action<string> progress)
{
    public async Task<IReadOnlyList<RampStep>> RunAsync(CancellationToken cancellation)
    {
        var steps = new List<RampStep>();
        for (var rate = ramp.From; rate <= ramp.Max && (steps.Count == 0 || steps[^1].IsSustained); rate += ramp.Step)
        {
            generator.SetRate(rate);
            await monitor.WatchAsync(rate, ramp.StepTime / 4, cancellation);
            var (from, until) = (generator.Now, generator.Now + (long)(ramp.StepTime * 3 / 4).TotalMicroseconds);
            var latency = generator.Measure(from, until);
            var acknowledged = await monitor.WatchAsync(rate, ramp.StepTime * 3 / 4, cancellation);
            var figures = latency.ToFigures();
            var isSustained = acknowledged >= RampSettings.SustainedShare * rate && figures.P99 <= ramp.Limit.TotalMilliseconds;
            steps.Add(new RampStep(rate, acknowledged, figures, isSustained));
            progress($"{rate:F0}/s is {(isSustained ? "" : "not ")}sustained: {acknowledged:F0}/s acknowledged, p99 {figures.P99:F1} ms");
        }
        return steps;
    }
}
