using System.Globalization;

namespace Tools.Load;

/// <summary>CPU time of a thread of this process.</summary>
sealed class ThreadCpu
{
    readonly string? _file;

    ThreadCpu(string? file) => _file = file;

    /// <summary>Of the thread that calls.</summary>
    public static ThreadCpu Current()
    {
        // A link to "PID/task/TID".
        var link = OperatingSystem.IsLinux() ? new FileInfo("/proc/thread-self").LinkTarget : null;
        return new ThreadCpu(link is null ? null : $"/proc/{link}/schedstat");
    }

    /// <summary>Until now; null where the system does not tell, or the thread has ended.</summary>
    public TimeSpan? Read()
    {
        try
        {
            // Nanoseconds on a CPU, nanoseconds waiting for one, number of turns.
            return _file is not null && long.TryParse(File.ReadAllText(_file).Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds)
                ? TimeSpan.FromMicroseconds(nanoseconds / 1000.0)
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
