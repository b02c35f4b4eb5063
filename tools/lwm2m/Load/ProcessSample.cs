namespace Tools.Load;

/// <summary>CPU seconds per second, and resident memory in MiB.</summary>
sealed record ProcessSample(string Name, double Cores, double MemoryMiB);
