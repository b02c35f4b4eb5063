using Dashboard.Clients;

namespace Pipeline.Tests.Dashboard;

/// <summary>The heap is everybody's: this runs when nothing else does.</summary>
[CollectionDefinition(nameof(ClientMemoryTests), DisableParallelization = true)]
[Collection(nameof(ClientMemoryTests))]
public sealed class ClientMemoryTests
{
    const int Count = 20_000;

    [Fact]
    public void A_client_takes_less_than_a_kilobyte()
    {
        var table = new ClientTable();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Registrations.Fill(table, Count);
        var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        Assert.InRange(each, 1, 1000);
        Assert.Equal(Count, table.Count);
    }
}
