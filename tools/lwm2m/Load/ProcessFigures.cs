namespace Tools.Load;

/// <summary>What a process used while events were measured; memory is its resident set at the end, in MiB.</summary>
sealed record ProcessFigures(string Name, double CpuSeconds, double CpuSecondsPer100000Events, double MemoryMiB);
