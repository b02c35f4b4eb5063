using System.Diagnostics;

namespace Tools.Load;

/// <summary>What other processes, and this one, have used at one moment: CPU time, memory, and, where a process tells it, what it has allocated.</summary>
sealed class ProcessUsage
{
    public const string Generator = "this generator";

    static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5), MaxResponseContentBufferSize = 16 << 20 };

    readonly List<Usage> _processes = [];
    readonly long _at = Stopwatch.GetTimestamp();

    /// <summary>
    /// A process that does not exist (any more), or does not answer, is left out. A process that is named both ways is asked for its allocation only where
    /// that is wanted: to tell its metrics costs it CPU time, which is what is being measured.
    /// </summary>
    public static async Task<ProcessUsage> ReadAsync(LoadSettings settings, bool withAllocation, CancellationToken cancellation)
    {
        var usage = new ProcessUsage();
        foreach (var (name, id) in settings.Processes.Append(new(Generator, Environment.ProcessId)))
        {
            try
            {
                using var process = Process.GetProcessById(id);
                long? allocated = id == Environment.ProcessId ? GC.GetTotalAllocatedBytes() : null;
                usage._processes.Add(new(name, process.TotalProcessorTime.TotalSeconds, process.WorkingSet64, allocated));
            }
            catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
            {
                // It ended; its figures would say nothing.
            }
        }
        foreach (var (name, address) in settings.Endpoints)
        {
            var known = usage._processes.FindIndex(process => process.Name == name);
            if (known >= 0 && !withAllocation)
                continue;
            try
            {
                if (!Usage.TryParse(name, await Http.GetStringAsync(address, cancellation), out var process))
                    continue;
                if (known >= 0)
                    usage._processes[known] = usage._processes[known] with { Allocated = process.Allocated };
                else
                    usage._processes.Add(process);
            }
            catch (Exception exception) when (exception is HttpRequestException || exception is TaskCanceledException && !cancellation.IsCancellationRequested)
            {
                // Likewise.
            }
        }
        return usage;
    }

    /// <summary>What was used since an earlier moment, by process, and per 100 000 events.</summary>
    public IReadOnlyList<ProcessFigures> Since(ProcessUsage before, long events) =>
    [
        .. Pairs(before).Select(pair => new ProcessFigures(
            pair.Now.Name, pair.Now.Cpu - pair.Before.Cpu, events == 0 ? 0 : (pair.Now.Cpu - pair.Before.Cpu) / events * 100_000, pair.Now.MemoryMiB)
        {
            AllocatedBytesPerEvent = events == 0 ? null : (pair.Now.Allocated - pair.Before.Allocated) / (double?)events,
        }),
    ];

    /// <summary>The same as shares of the time between.</summary>
    public IReadOnlyList<ProcessSample> SampleSince(ProcessUsage before)
    {
        var seconds = Math.Max(1e-3, Stopwatch.GetElapsedTime(before._at, _at).TotalSeconds);
        return [.. Pairs(before).Select(pair => new ProcessSample(pair.Now.Name, (pair.Now.Cpu - pair.Before.Cpu) / seconds, pair.Now.MemoryMiB))];
    }

    IEnumerable<(Usage Before, Usage Now)> Pairs(ProcessUsage before) =>
        from now in _processes
        let earlier = before._processes.Find(process => process.Name == now.Name)
        where earlier is not null
        select (earlier, now);

    /// <summary>One process; memory and allocation in bytes, allocation since its start.</summary>
    internal sealed record Usage(string Name, double Cpu, double Memory, double? Allocated)
    {
        public double MemoryMiB => Memory / 1048576.0;

        /// <summary>From the text format of Prometheus; false where it tells no CPU time.</summary>
        public static bool TryParse(string name, string metrics, out Usage usage)
        {
            usage = new(name, MetricSample.Sum(metrics, "process_cpu_seconds_total") ?? 0, MetricSample.Sum(metrics, "process_resident_memory_bytes") ?? 0,
                MetricSample.Sum(metrics, "dotnet_gc_heap_total_allocated_bytes_total"));
            return MetricSample.Sum(metrics, "process_cpu_seconds_total") is not null;
        }
    }
}
