namespace Tools.Load;

/// <summary>The figures of a report that two runs are compared by.</summary>
static class LoadFigures
{
    /// <summary>Below that no difference counts, however quiet the seconds of a run were: runs differ more than the seconds within one.</summary>
    public const double LeastNoise = 0.05;

    /// <summary>Of percentiles that were told once for the whole run, so that nobody knows how they move: what is usual between two runs.</summary>
    const double UnknownNoise = 0.2;

    /// <summary>What the gateway did; what the generator itself used is no figure of it.</summary>
    public static IReadOnlyList<LoadFigure> Of(LoadReport report)
    {
        var figures = new List<LoadFigure>();
        var samples = report.Samples;
        if (report.Mode is LoadMode.Closed or LoadMode.Open)
            Add("notifications_per_second", report.NotificationsPerSecond, true, samples.Select(sample => (double?)sample.Acknowledged));
        if (report.LastSustained is > 0 and var sustained)
            figures.Add(new LoadFigure("last_sustained", sustained, true, StepOf(report.Ramp!)));
        AddLatency("register_latency", report.RegisterLatency);
        // The rates of a ramp are not those of another ramp, and its latencies neither.
        if (report.Mode != LoadMode.Ramp)
        {
            Add("notification_latency.p50", report.NotificationLatency.P50, false, samples.Select(sample => sample.P50));
            Add("notification_latency.p99", report.NotificationLatency.P99, false, samples.Select(sample => sample.P99));
            AddLatency("update_latency", report.UpdateLatency);
            AddLatency("delivery_latency", report.DeliveryLatency);
            AddLatency("command_latency", report.CommandLatency);
        }
        foreach (var process in report.Processes.Where(process => process.Name != ProcessUsage.Generator))
        {
            var own = samples.Select(sample => sample.Processes.FirstOrDefault(each => each.Name == process.Name)).ToList();
            Add($"processes.{process.Name}.cpu_per_event", process.CpuSecondsPer100000Events, false, own.Select(sample => sample?.Cores));
            Add($"processes.{process.Name}.memory", process.MemoryMiB, false, []);
            Add($"processes.{process.Name}.allocated_per_event", process.AllocatedBytesPerEvent ?? 0, false, []);
        }
        return figures;

        void AddLatency(string name, LatencyFigures? latency)
        {
            AddOnce($"{name}.p50", latency?.P50 ?? 0);
            AddOnce($"{name}.p99", latency?.P99 ?? 0);
        }

        void AddOnce(string name, double value)
        {
            if (value > 0)
                figures.Add(new LoadFigure(name, value, false, UnknownNoise));
        }

        // What was not measured is not compared.
        void Add(string name, double value, bool moreIsBetter, IEnumerable<double?> seconds)
        {
            if (value > 0)
                figures.Add(new LoadFigure(name, value, moreIsBetter, NoiseOf([.. seconds.OfType<double>()])));
        }
    }

    // Between two steps nothing was tried.
    static double StepOf(IReadOnlyList<RampStep> ramp) => ramp.Count < 2 ? LeastNoise : (ramp[1].Wanted - ramp[0].Wanted) / ramp[^1].Wanted;

    static double NoiseOf(double[] seconds)
    {
        if (seconds.Length < 2 || seconds.Average() is var mean && mean <= 0)
            return LeastNoise;
        var variance = seconds.Sum(each => (each - mean) * (each - mean)) / (seconds.Length - 1);
        return Math.Max(LeastNoise, 2 * Math.Sqrt(variance / seconds.Length) / mean);
    }
}
