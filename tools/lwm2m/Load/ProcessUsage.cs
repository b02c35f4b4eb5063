using System.Diagnostics;

namespace Tools.Load;

/// <summary>CPU time that other processes, and this one, have used at one moment.</summary>
sealed class ProcessUsage
{
    readonly List<(string Name, TimeSpan Cpu, long Memory)> _processes = [];

    /// <summary>A process that does not exist (any more) is left out.</summary>
    public static ProcessUsage Read(IEnumerable<KeyValuePair<string, int>> processes)
    {
        var usage = new ProcessUsage();
        foreach (var (name, id) in processes.Append(new("this generator", Environment.ProcessId)))
        {
            try
            {
                using var process = Process.GetProcessById(id);
                usage._processes.Add((name, process.TotalProcessorTime, process.WorkingSet64));
            }
            catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
            {
                // It ended; its figures would say nothing.
            }
        }
        return usage;
    }

    /// <summary>What was used since an earlier moment, by process, and per 100 000 events.</summary>
    public IReadOnlyList<ProcessFigures> Since(ProcessUsage before, long events)
    {
        var figures = new List<ProcessFigures>();
        foreach (var (name, cpu, memory) in _processes)
        {
            var earlier = before._processes.Find(process => process.Name == name);
            if (earlier.Name is null)
                continue;
            var seconds = (cpu - earlier.Cpu).TotalSeconds;
            figures.Add(new ProcessFigures(name, seconds, events == 0 ? 0 : seconds / events * 100_000, memory / 1048576.0));
        }
        return figures;
    }
}
