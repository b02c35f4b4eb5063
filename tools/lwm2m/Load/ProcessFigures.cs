namespace Tools.Load;

/// <summary>What a process used while events were measured; memory is its resident set at the end, in MiB. Allocation is known where its /metrics tells it.</summary>
sealed record ProcessFigures(string Name, double CpuSeconds, double CpuSecondsPer100000Events, double MemoryMiB)
{
    public double? AllocatedBytesPerEvent { get; init; }
}
