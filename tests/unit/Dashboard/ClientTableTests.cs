using Contracts;
using Dashboard.Clients;

namespace Pipeline.Tests.Dashboard;

public sealed class ClientTableTests
{
    readonly ClientTable _table = new();

    [Fact]
    public void The_highest_number_counts_and_a_gone_client_does_not_come_back_by_an_older_record()
    {
        _table.Fold("e", Registrations.Of("e", 3));
        _table.Fold("e", Registrations.Of("e", 2));
        Assert.Equal(3UL, Find("e")!.Number);

        _table.Fold("e", Registrations.Of("e", 4, state: "gone"));
        _table.Fold("e", Registrations.Of("e", 3));
        Assert.Null(Find("e"));
        Assert.Equal(0, _table.Count);

        // After the tombstone the endpoint is as good as new.
        _table.Fold("e", null);
        _table.Fold("e", Registrations.Of("e", 1));
        Assert.Equal(1UL, Find("e")!.Number);
    }

    [Fact]
    public void Clients_are_in_the_order_of_their_ids_also_when_these_change()
    {
        foreach (var name in new[] { "b", "d", "a", "c" })
            _table.Fold(name, Registrations.Of(name));
        _table.Fold("a", Registrations.Of("a", 2, clientId: "z"));
        Assert.Equal(["b", "c", "d", "z"], Page(new ClientFilter(), 0, 10).Ids);
        Assert.Equal(["c", "d"], Page(new ClientFilter(), 1, 2).Ids);
        Assert.Equal(4, Page(new ClientFilter(), 1, 2).Count);
        Assert.Null(Find("a"));
        Assert.Equal("a", Find("z")!.Endpoint);
    }

    [Fact]
    public void Of_endpoints_with_one_client_id_the_newest_is_found_and_the_others_when_it_has_gone()
    {
        _table.Fold("one", Registrations.Of("one", 1, clientId: "shared"));
        _table.Fold("two", Registrations.Of("two", 2, clientId: "shared"));
        Assert.Equal("two", Find("shared")!.Endpoint);
        _table.Fold("two", null);
        Assert.Equal("one", Find("shared")!.Endpoint);
    }

    [Fact]
    public async Task The_end_of_a_registration_is_told_once_it_is_read()
    {
        _table.Fold("e", Registrations.Of("e", 1));
        var gone = _table.WhenGone("e", "reg-1");
        _table.Fold("e", Registrations.Of("e", 1));
        Assert.False(gone.IsCompleted);
        _table.Fold("e", Registrations.Of("e", 2));
        await gone.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.True(_table.WhenGone("e", "reg-1").IsCompleted);
        Assert.True(_table.WhenGone("nobody", "x").IsCompleted);
    }

    [Fact]
    public void A_filter_over_many_clients_allocates_nothing_for_each()
    {
        Registrations.Fill(_table, 10_000);
        var filter = new ClientFilter { LikeClientId = "nothing like it", LifetimeFrom = 1, PeerPrefix = "192.0.2.1:", Node = "ingress/0" };
        _table.List(filter, 0, 100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(0, _table.List(filter, 0, 100).Count);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4096);
    }

    RegistrationRecord? Find(string clientId) => _table.TryFind(clientId, out var client) ? client : null;

    (List<string> Ids, int Count) Page(ClientFilter filter, int skip, int limit)
    {
        var (page, count) = _table.List(filter, skip, limit);
        return ([.. page.Select(c => c.Client.Clientid)], count);
    }
}
