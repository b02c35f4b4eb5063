namespace Pipeline.Bench;

/// <summary>Bytes that this process has, after collections that leave nothing to be collected.</summary>
readonly record struct Memory(long Heap, long Resident)
{
    public static Memory operator -(Memory a, Memory b) => new(a.Heap - b.Heap, a.Resident - b.Resident);

    public static Memory Now()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return new Memory(GC.GetTotalMemory(false), Environment.WorkingSet);
    }
}
