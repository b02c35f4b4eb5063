using System.Net;
using Contracts;
using Ingress.Ownership;
using Ingress.Sockets;
using Pipeline.Tests.Ingress;
using Protocol.Coap;

namespace Pipeline.Tests.Ownership;

/// <summary>A slot is emptied before it is taken out of the fleet.</summary>
public sealed class DrainTests
{
    const double Settled = 6;

    readonly FleetUnderTest _fleet = new();
    readonly GatewayUnderTest _drained;
    readonly GatewayUnderTest _other;

    public DrainTests()
    {
        _other = _fleet.Start(0);
        _drained = _fleet.Start(1);
    }

    [Fact]
    public void Sessions_go_to_the_others_evenly_and_are_announced_by_them()
    {
        var third = _fleet.Start(2);
        for (var i = 0; i < 300; i++)
            _drained.Register($"ep{i}", from: From(i));
        _fleet.Wish(1);
        _fleet.Advance(1);
        Assert.Equal(new FleetStatus(true, false, 300, 0), _fleet.CoreOf(_drained).Fleet);
        _fleet.Advance(Settled + 5);

        Assert.Equal((150, 0, 150), (Registrations(_other), Registrations(_drained), Registrations(third)));
        foreach (var group in _fleet.Log.Registrations.GroupBy(r => r.Endpoint))
        {
            var (registration, session) = (group.Last(), _fleet.SessionOf(group.Key));
            Assert.Equal((session.Number, (int)session.Slot, (long)session.Epoch), (registration.Number, registration.Slot, registration.Epoch));
            Assert.Equal((long)session.Epoch, session.Slot == 0 ? _other.Node.Epoch : third.Node.Epoch);
            Assert.Equal(2, group.Count());
        }

        // Nothing happened to the devices.
        Assert.All(_fleet.Log.Uplink, e => Assert.Equal(EventKind.Registered, e.Kind));
        Assert.Empty(_drained.Sent);
        Assert.Empty(_other.Sent);
    }

    [Fact]
    public void The_new_owner_runs_the_lifetime_on()
    {
        _drained.Register("ep1");
        _fleet.Advance(100);
        // Heard, but not written down yet.
        _drained.Receive([0x40, 0x00, 0x12, 0x34]);
        _fleet.Wish(1);
        _fleet.Advance(Settled);
        _fleet.Kill(_drained);
        _fleet.Advance(290 - Settled);
        Assert.Equal(0, _fleet.EventsOf("ep1", EventKind.Expired));
        _fleet.Advance(15);
        Assert.Equal(1, _fleet.EventsOf("ep1", EventKind.Expired));
    }

    [Fact]
    public void Commands_follow_and_each_is_carried_out_once()
    {
        _drained.Register("ep1", query: "&lt=300&lwm2m=1.0&b=UQ");
        _fleet.Advance(60);
        var asleep = _drained.Operation(OperationKind.Execute, "/3/0/4", "c1");
        _drained.Operate(asleep);
        _fleet.Wish(1);
        _fleet.Advance(Settled);
        Assert.Equal(0u, _fleet.SessionOf("ep1").Slot);

        // The Translator hands it to the new owner; what the old one reads late concerns nobody.
        _drained.Operate(asleep);
        _other.Operate(asleep);
        _fleet.Log.Settle();
        Assert.Empty(_other.Sent);
        _other.Receive(_other.Request(CoapCode.Post, "rd/" + Id("ep1"), token: "bb"));
        _fleet.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(_other.Next()));
        _other.AnswerNext("/3/0/4", CoapCode.Changed);
        _fleet.Advance(30);
        Assert.Equal(Outcome.Answered, Assert.Single(_fleet.Log.Uplink, e => e.Kind == EventKind.Outcome).Outcome);
        Assert.Empty(_drained.Sent);
    }

    [Fact]
    public void What_is_under_way_ends_here_first_and_nothing_new_begins()
    {
        _drained.Register("ep1");
        _drained.Operate(_drained.Operation(OperationKind.Read, "/3/0/0", "c1"));
        _drained.Operate(_drained.Operation(OperationKind.Read, "/3/0/1", "c2"));
        var request = _drained.NextRequest();
        _fleet.Wish(1);
        _fleet.Advance(Settled);
        Assert.Equal(1u, _fleet.SessionOf("ep1").Slot);
        _drained.Sent.Clear();

        _drained.Receive(GatewayUnderTest.Response(CoapType.Acknowledgement, CoapCode.Content, request.Id, request.Token));
        _fleet.Log.Settle();
        Assert.Equal("c1", Assert.Single(_fleet.Log.Uplink, e => e.Kind == EventKind.Outcome).Command.CommandId);
        Assert.Equal(0u, _fleet.SessionOf("ep1").Slot);
        Assert.Empty(_drained.Sent);
        _other.Operate(_other.Operation(OperationKind.Read, "/3/0/1", "c2"));
        _other.AnswerNext("/3/0/1", CoapCode.Content);
        _fleet.Log.Settle();
        Assert.Equal(["c1", "c2"], _fleet.Log.Uplink.Where(e => e.Kind == EventKind.Outcome).Select(e => e.Command.CommandId));
    }

    [Fact]
    public void Observations_go_on_with_the_tokens_that_they_have()
    {
        _drained.Register("ep1");
        _drained.Operate(_drained.Operation(OperationKind.Observe, "/3/0/9", "c1"));
        _fleet.Log.Settle();
        var token = _drained.AnswerNext("/3/0/9", CoapCode.Content, observe: 1);
        _fleet.Wish(1);
        _fleet.Advance(Settled + 1);
        Assert.Equal(0u, _fleet.SessionOf("ep1").Slot);
        Assert.Empty(_other.Sent);

        _other.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 77, token, observe: 2));
        _fleet.Log.Settle();
        Assert.Equal("6000004d", _other.NextHex());
        Assert.Equal(1, _fleet.EventsOf("ep1", EventKind.Notified));
    }

    [Fact]
    public void Who_speaks_here_again_is_served_and_handed_over_again_later()
    {
        _drained.Register("ep1");
        _fleet.Wish(1);
        _fleet.Advance(Settled);
        Assert.Equal(0u, _fleet.SessionOf("ep1").Slot);
        _drained.Receive(_drained.Request(CoapCode.Post, "rd/" + Id("ep1")));
        _fleet.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(_drained.Next()));
        var id = _drained.Register("ep2", from: From(2));
        Assert.Equal((1u, 1u), (_fleet.SessionOf("ep1").Slot, _fleet.SessionOf("ep2").Slot));
        Assert.NotEmpty(id);
        _fleet.Advance(12);
        Assert.Equal((0u, 0u), (_fleet.SessionOf("ep1").Slot, _fleet.SessionOf("ep2").Slot));
    }

    [Fact]
    public void A_wish_survives_a_restart_and_is_taken_back_by_a_tombstone()
    {
        _drained.Register("ep1");
        _fleet.Wish(1);
        _fleet.Advance(1);
        _fleet.Kill(_drained);
        var again = _fleet.Start(1);
        Assert.True(_fleet.CoreOf(again).Fleet.IsDraining);
        _fleet.Advance(Settled);
        Assert.Equal(0u, _fleet.SessionOf("ep1").Slot);

        _fleet.Wish(1, drain: false);
        Assert.False(_fleet.CoreOf(again).Fleet.IsDraining);
        again.Register("ep2", from: From(2));
        _fleet.Advance(30);
        Assert.Equal(1u, _fleet.SessionOf("ep2").Slot);
    }

    [Fact]
    public void What_waited_to_leave_goes_on_here_when_the_wish_is_taken_back()
    {
        _drained.Register("ep1");
        _drained.Operate(_drained.Operation(OperationKind.Read, "/3/0/0", "c1"));
        _drained.Operate(_drained.Operation(OperationKind.Read, "/3/0/1", "c2"));
        var request = _drained.NextRequest();
        _fleet.Wish(1);
        _fleet.Advance(Settled);
        _fleet.Wish(1, drain: false);
        _fleet.Advance(1);
        _drained.Sent.Clear();
        _drained.Receive(GatewayUnderTest.Response(CoapType.Acknowledgement, CoapCode.Content, request.Id, request.Token));
        _drained.AnswerNext("/3/0/1", CoapCode.Content);
        _fleet.Log.Settle();
        Assert.Equal((2, 1u), (_fleet.EventsOf("ep1", EventKind.Outcome), _fleet.SessionOf("ep1").Slot));
    }

    [Fact]
    public void Where_nobody_else_lives_nothing_is_handed_over()
    {
        _drained.Register("ep1");
        _fleet.Kill(_other);
        _fleet.Advance(12);
        _fleet.Wish(1);
        _fleet.Advance(Settled + 10);
        Assert.Equal((new FleetStatus(true, true, 1, 0), 1u), (_fleet.CoreOf(_drained).Fleet, _fleet.SessionOf("ep1").Slot));
        // Somebody who is to go as well takes nothing; somebody who stays does.
        _fleet.Wish(2);
        _fleet.Start(2);
        _fleet.Advance(Settled);
        Assert.Equal(1u, _fleet.SessionOf("ep1").Slot);
        _fleet.Start(3);
        _fleet.Advance(Settled);
        Assert.Equal(3u, _fleet.SessionOf("ep1").Slot);
    }

    [Fact]
    public void A_new_owner_that_dies_before_it_has_announced_does_so_when_it_is_back()
    {
        _drained.Register("ep1");
        _fleet.Wish(1);
        _fleet.Advance(Settled - 1.5);
        // It is heard of as living, and dies before it reads the record.
        _fleet.Kill(_other);
        _fleet.Advance(3);
        Assert.Equal(0u, _fleet.SessionOf("ep1").Slot);
        Assert.Equal(1, _fleet.Log.Registrations.Last().Slot);
        var back = _fleet.Start(0);
        _fleet.Log.Settle();
        Assert.Equal(0, _fleet.Log.Registrations.Last().Slot);
        Assert.Equal(1, Registrations(back));
    }

    [Fact]
    public void A_device_that_updates_at_the_same_moment_stays_where_it_spoke()
    {
        _drained.Register("ep1");
        _fleet.Wish(1);
        _fleet.Advance(Settled - 1.25);
        // The hand-over is handed to Kafka, and the Update elsewhere right behind it; the one is void.
        for (var i = 0; i < 4 && _fleet.Log.Handed == 0; i++)
        {
            _fleet.Time.Advance(TimeSpan.FromMilliseconds(500));
            _fleet.CoreOf(_drained).OnTimer();
        }

        Assert.Equal(1, _fleet.Log.Handed);
        var third = _fleet.Start(2);
        third.Receive(third.Request(CoapCode.Post, "rd/" + Id("ep1")), GatewayUnderTest.Elsewhere);
        _fleet.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(third.Next()));
        Assert.Equal((2u, 2), (_fleet.SessionOf("ep1").Slot, _fleet.Log.Registrations.Last().Slot));
        Assert.Equal(1, _fleet.EventsOf("ep1", EventKind.Updated));
    }

    static int Registrations(GatewayUnderTest gateway) => gateway.Node.Sessions.LiveOf(gateway.Node.Slot);

    string Id(string endpoint) => global::Ingress.Registrations.Identifiers.ToText(_fleet.SessionOf(endpoint).RegistrationId);

    static Peer From(int device) => Peer.From(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 5001 + device), 0);
}
