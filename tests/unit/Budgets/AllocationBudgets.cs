using System.Text.Json;
using Pipeline.Tests.Lwm2m;

namespace Pipeline.Tests.Budgets;

/// <summary>What each stage may allocate, in bytes for each event: <c>bench/budgets.json</c>.</summary>
static class AllocationBudgets
{
    const int WarmUp = 2000;
    const int Measured = 2000;

    static readonly Dictionary<string, long> Bytes =
        JsonSerializer.Deserialize<Dictionary<string, long>>(File.ReadAllText(Path.Combine(Repository.Root, "bench", "budgets.json")))!;

    public static IEnumerable<string> Stages => Bytes.Keys;

    /// <summary>
    /// Holds a stage to its budget. One that has become much cheaper fails, too: then the budget is to follow, or it guards nothing.
    /// </summary>
    public static void Hold(string stage, Action once)
    {
        for (var i = 0; i < WarmUp; i++)
            once();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Measured; i++)
            once();
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / Measured;
        Assert.True(each <= Bytes[stage], $"{stage}: {each} bytes for each event, the budget is {Bytes[stage]}");
        Assert.True(each >= Bytes[stage] * 4 / 5, $"{stage}: {each} bytes for each event; lower the budget of {Bytes[stage]}");
    }
}
