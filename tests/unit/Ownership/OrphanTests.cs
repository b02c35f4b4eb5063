using System.Net;
using Contracts;
using Ingress.Sockets;
using Messaging;
using Pipeline.Tests.Ingress;
using Protocol.Coap;

namespace Pipeline.Tests.Ownership;

/// <summary>What becomes of the sessions of a slot that nobody speaks for any more.</summary>
public sealed class OrphanTests
{
    // Lifetime 300 s, and 93 s of grace.
    const double NotYet = 300 + 85;
    const double ALittle = 20;

    readonly FleetUnderTest _fleet = new();
    readonly GatewayUnderTest _living;
    readonly GatewayUnderTest _owner;

    public OrphanTests()
    {
        _living = _fleet.Start(0);
        _owner = _fleet.Start(1);
    }

    [Fact]
    public void An_orphan_is_expired_once_when_lifetime_and_grace_are_over()
    {
        _owner.Register("ep1");
        _fleet.Kill(_owner);
        _fleet.Advance(NotYet);
        Assert.Equal(0, _fleet.EventsOf("ep1", EventKind.Expired));
        _fleet.Advance(ALittle);

        var expired = Assert.Single(_fleet.Log.Uplink, e => e.Kind == EventKind.Expired);
        Assert.Equal(("ep1", "lifetime expired", 0u), (expired.Endpoint, expired.Reason, expired.Slot));
        var registration = _fleet.Log.Registrations.Last();
        Assert.Equal(("gone", 0), (registration.State, registration.Slot));
        // Session first, then what it owes, then the registration.
        Assert.Equal(["t.sessions", "t.uplink", "t.registrations"], _fleet.Log.Entries.TakeLast(3).Select(e => e.Topic));

        _fleet.Advance(120);
        Assert.Equal(1, _fleet.EventsOf("ep1", EventKind.Expired));
        // The id is that which the owner would have given it.
        var id = global::Ingress.Journal.UplinkRecords.EndId(_fleet.SessionOf("ep1").RegistrationId, EventKind.Expired);
        Assert.Equal((id.High, id.Low), (expired.IdHigh, expired.IdLow));
    }

    [Fact]
    public void The_owner_expires_its_own_without_grace_as_long_as_it_lives()
    {
        _owner.Register("ep1");
        _fleet.Advance(302);
        Assert.Equal((1, 1u), (_fleet.EventsOf("ep1", EventKind.Expired), _fleet.SessionOf("ep1").Slot));
    }

    [Fact]
    public void A_device_that_updates_elsewhere_is_never_announced_as_expired()
    {
        var id = _owner.Register("ep1");
        _fleet.Kill(_owner);
        _fleet.Advance(NotYet);
        // At the very moment at which its end is being written.
        _fleet.Time.Advance(TimeSpan.FromSeconds(ALittle));
        _living.Receive(_living.Request(CoapCode.Post, "rd/" + id));
        _fleet.CoreOf(_living).OnTimer();
        _fleet.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(_living.Next()));
        _fleet.Advance(280);
        Assert.Equal(0, _fleet.EventsOf("ep1", EventKind.Expired));
        Assert.True(_fleet.SessionOf("ep1").Live);
    }

    [Fact]
    public void A_device_that_comes_to_a_third_replica_while_its_end_is_written_is_told_the_truth()
    {
        var third = _fleet.Start(2);
        var id = _owner.Register("ep1");
        _fleet.Kill(_owner);
        _fleet.Advance(NotYet);
        _fleet.Time.Advance(TimeSpan.FromSeconds(ALittle));
        // The end is handed to Kafka first, the Update right behind it, with the same number: it is void, and decided again.
        _fleet.CoreOf(_living).OnTimer();
        third.Receive(third.Request(CoapCode.Post, "rd/" + id), GatewayUnderTest.Elsewhere);
        _fleet.Log.Settle();
        Assert.Equal("4.04", GatewayUnderTest.CodeOf(third.Next()));
        third.Register("ep1", from: GatewayUnderTest.Elsewhere);
        _fleet.Advance(120);
        Assert.Equal((1, 0), (_fleet.EventsOf("ep1", EventKind.Expired), _fleet.EventsOf("ep1", EventKind.Replaced)));
        Assert.True(_fleet.SessionOf("ep1").Live);
    }

    [Fact]
    public void An_owner_that_comes_back_goes_on_with_lifetimes_where_they_were()
    {
        _owner.Register("ep1");
        _fleet.Kill(_owner);
        _fleet.Advance(200);
        _fleet.Start(1);
        _fleet.Advance(95);
        Assert.Equal(0, _fleet.EventsOf("ep1", EventKind.Expired));
        _fleet.Advance(10);
        Assert.Equal((1, 1u), (_fleet.EventsOf("ep1", EventKind.Expired), _fleet.SessionOf("ep1").Slot));
    }

    [Fact]
    public void What_expired_meanwhile_is_announced_once_whoever_comes_first()
    {
        _owner.Register("ep1");
        _fleet.Kill(_owner);
        _fleet.Advance(NotYet);
        _fleet.Time.Advance(TimeSpan.FromSeconds(ALittle));
        // Both write the end.
        var successor = _fleet.Start(1);
        _fleet.CoreOf(successor).OnTimer();
        _fleet.CoreOf(_living).OnTimer();
        Assert.InRange(_fleet.Log.Handed, 2, 3);
        _fleet.Log.Settle();
        _fleet.Advance(60);
        Assert.Equal(1, _fleet.EventsOf("ep1", EventKind.Expired));
        Assert.Equal("gone", _fleet.Log.Registrations.Last().State);
    }

    [Fact]
    public void A_slot_that_stops_in_order_is_back_before_anybody_looks_after_its_sessions()
    {
        _owner.Register("ep1");
        _fleet.Advance(280);
        _fleet.Stop(_owner);
        _fleet.Advance(25);
        Assert.Equal(0, _fleet.CoreOf(_living).Fleet.DeadSlots);
        _fleet.Advance(10);
        Assert.Equal(1, _fleet.CoreOf(_living).Fleet.DeadSlots);
        _fleet.Start(1);
        _fleet.Advance(1);
        Assert.Equal(0, _fleet.CoreOf(_living).Fleet.DeadSlots);
    }

    [Fact]
    public void Nobody_is_dead_while_Kafka_is_away()
    {
        _owner.Register("ep1");
        _fleet.Advance(2);
        _fleet.IsDeaf = true;
        _fleet.Advance(120);
        Assert.Equal(0, _fleet.CoreOf(_living).Fleet.DeadSlots);
        // Our own beat comes first; those of the others may be later.
        _fleet.IsDeaf = false;
        _fleet.Kill(_owner);
        _fleet.Advance(10);
        Assert.Equal(0, _fleet.CoreOf(_living).Fleet.DeadSlots);
        _fleet.Advance(30);
        Assert.Equal(1, _fleet.CoreOf(_living).Fleet.DeadSlots);
    }

    [Fact]
    public void The_next_slot_takes_over_when_the_one_that_looked_after_orphans_dies_too()
    {
        var third = _fleet.Start(2);
        _owner.Register("ep1");
        _fleet.Kill(_owner);
        _fleet.Advance(100);
        Assert.Equal((1, 0), (_fleet.CoreOf(_living).Fleet.DeadSlots, _fleet.CoreOf(third).Fleet.DeadSlots));
        _fleet.Kill(_living);
        _fleet.Advance(NotYet - 100 + ALittle);
        Assert.Equal((1, 2u), (_fleet.EventsOf("ep1", EventKind.Expired), _fleet.SessionOf("ep1").Slot));
    }

    [Fact]
    public void A_slot_that_was_never_heard_of_is_dead_after_a_while()
    {
        _owner.Register("ep1");
        var later = new FleetUnderTest();
        foreach (var entry in _fleet.Log.Entries)
            later.Log.Entries.Add(entry);
        var only = later.Start(5);
        later.Advance(25);
        Assert.Equal(0, later.CoreOf(only).Fleet.DeadSlots);
        later.Advance(NotYet + ALittle);
        Assert.Equal((1, 5u), (later.EventsOf("ep1", EventKind.Expired), later.SessionOf("ep1").Slot));
    }

    [Fact]
    public void What_Kafka_does_not_take_is_tried_again()
    {
        for (var i = 0; i < 50; i++)
            _owner.Register($"ep{i}", from: From(i));
        _fleet.Kill(_owner);
        _fleet.Advance(NotYet);
        _fleet.Log.Status = AppendStatus.QueueFull;
        _fleet.Advance(30);
        Assert.Equal(0, _fleet.Log.Uplink.Count(e => e.Kind == EventKind.Expired));
        _fleet.Log.Status = AppendStatus.Handed;
        _fleet.Advance(2);
        Assert.Equal(50, _fleet.Log.Uplink.Where(e => e.Kind == EventKind.Expired).Select(e => (e.IdHigh, e.IdLow)).Distinct().Count());
        Assert.Equal(50, _fleet.Log.Uplink.Count(e => e.Kind == EventKind.Expired));
    }

    [Fact]
    public void The_log_forgets_the_gone_of_a_dead_slot_after_their_day()
    {
        var id = _owner.Register("ep1");
        _owner.Receive(_owner.Request(CoapCode.Delete, "rd/" + id));
        _fleet.Log.Settle();
        _fleet.Kill(_owner);
        _fleet.Advance(40);
        _fleet.Time.Advance(TimeSpan.FromHours(24));
        _fleet.Advance(120);
        Assert.Contains(_fleet.Log.Entries, e => e is { Topic: "t.registrations", Value: null });
        Assert.Contains(_fleet.Log.Entries, e => e is { Topic: "t.sessions", Value: null });
        Assert.Equal(0, _living.Node.Sessions.Count);
    }

    [Fact]
    public void A_tombstone_that_covers_a_device_that_came_back_is_covered_again()
    {
        var id = _owner.Register("ep1");
        _owner.Receive(_owner.Request(CoapCode.Delete, "rd/" + id));
        _fleet.Log.Settle();
        _owner.Sent.Clear();
        _fleet.Time.Advance(TimeSpan.FromHours(24));
        _fleet.CoreOf(_owner).OnTimer();
        // The tombstone of the registration is handed to Kafka; that of the session comes right behind the device's new record, elsewhere.
        _living.Receive(_living.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</1/0>"));
        _fleet.Log.Settle();
        GatewayUnderTest.LocationOf(_living.Next());
        _fleet.Advance(1);
        var sessions = _fleet.Log.Entries.Where(e => e.Topic == "t.sessions").TakeLast(3).ToList();
        Assert.Equal([false, true, false], sessions.Select(e => e.Value is null));
        Assert.Equal("live", _fleet.Log.Registrations.Last().State);
        Assert.NotNull(_fleet.Log.Entries.Last(e => e.Topic == "t.sessions").Value);
        Assert.NotNull(_fleet.Log.Entries.Last(e => e.Topic == "t.registrations").Value);
        Assert.True(_owner.Node.Sessions.ByEndpoint("ep1")!.IsLive);
    }

    static Peer From(int device) => Peer.From(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 5001 + device), 0);
}
