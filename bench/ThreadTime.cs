using System.Runtime.InteropServices;

namespace Pipeline.Bench;

/// <summary>CPU that the calling thread has used (clock_gettime, Linux): what is left of the process is somebody else's.</summary>
static class ThreadTime
{
    const int OfThread = 3;

    public static TimeSpan Used
    {
        get
        {
            if (clock_gettime(OfThread, out var time) != 0)
                throw new PlatformNotSupportedException("no clock for a thread");
            return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick);
        }
    }

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int clock_gettime(int clock, out Timespec time);

    [StructLayout(LayoutKind.Sequential)]
    struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
