using Contracts;
using Ingress.Sockets;
using Messaging;
using Microsoft.Extensions.Time.Testing;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

public sealed class RegistrationTests
{
    readonly GatewayUnderTest _gateway = new();

    [Fact]
    public void A_Register_is_answered_when_session_registration_and_event_are_durable()
    {
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300&lwm2m=1.0&b=U&imei=7&device_id=8&password=x", "</lwm2m>;rt=\"oma.lwm2m\",</lwm2m/1/0>,</lwm2m/3/0>;ver=1.1;obs"));
        var topics = new List<string>();
        while (_gateway.Log.Handed > 0)
        {
            Assert.Empty(_gateway.Sent);
            topics.Add(_gateway.Log.TakeOne().Topic);
        }

        Assert.Equal(["t.sessions", "t.registrations", "t.uplink"], topics);
        var location = GatewayUnderTest.LocationOf(_gateway.Next());
        var registration = Assert.Single(_gateway.Log.Registrations);
        Assert.Equal(("ep1", location, "live", 300L, "8", "7"), (registration.Endpoint, registration.RegistrationId, registration.State, registration.Lifetime, registration.Client.Clientid, registration.Client.Username));
        var happened = Assert.Single(_gateway.Log.Uplink);
        Assert.Equal((EventKind.Registered, "/lwm2m", location, "192.0.2.1:5001"), (happened.Kind, happened.AlternatePath, happened.RegistrationId, happened.Peer));
        Assert.Equal(["/1/0", "/3/0"], happened.Registration.ObjectList);
        Assert.Equal("1.1", Assert.Single(happened.Versions).Version);
        Assert.DoesNotContain(happened.Registration.Parameters, p => p.Key == "password");
    }

    [Theory]
    [InlineData("lt=300&lwm2m=1.0", "4.00")]
    [InlineData("ep=a&lt=abc", "4.00")]
    [InlineData("ep=a&lt=-1", "4.00")]
    [InlineData("ep=a&lt=99999999999", "4.00")]
    [InlineData("ep=a+b&lt=3", "4.00")]
    [InlineData("ep=a#b&lt=3", "4.00")]
    [InlineData("ep=a/b&lt=3", "4.00")]
    [InlineData("ep=a\u0001&lt=3", "4.00")]
    [InlineData("ep=&lt=3", "4.00")]
    [InlineData("ep=a&lt=3&imei=+", "4.00")]
    [InlineData("ep=a&lt=3&lwm2m=1.3", "4.12")]
    [InlineData("ep=a&lt=3&lwm2m=8.3", "4.12")]
    [InlineData("ep=a&lwm2m=1.1", "4.00")]
    [InlineData("ep=a&lwm2m=1.2", "4.00")]
    public void A_bad_Register_is_told_why_and_leaves_no_trace(string query, string code)
    {
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", query, "</1/0>"));
        Assert.Equal(0, _gateway.Log.Handed);
        var answer = _gateway.Next();
        Assert.Equal(code, GatewayUnderTest.CodeOf(answer));
        CoapFrame.TryParse(answer, out var frame);
        Assert.False(frame.Payload.IsEmpty);
        Assert.Equal(0, _gateway.Node.Sessions.Count);
    }

    [Theory]
    [InlineData("ep=a", 86400)]
    [InlineData("ep=a&lt=3", 15)]
    [InlineData("ep=a&lt=0", 86400)]
    [InlineData("ep=a&lt=999999", 86400)]
    [InlineData("ep=a&lt=300&lwm2m=1", 300)]
    public void Lifetimes_are_clamped(string query, long lifetime)
    {
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", query, "</1/0>"));
        _gateway.Log.Settle();
        Assert.Equal("2.01", GatewayUnderTest.CodeOf(_gateway.Next()));
        Assert.Equal(lifetime, Assert.Single(_gateway.Log.Registrations).Lifetime);
    }

    [Fact]
    public void A_repeated_Register_is_processed_once_and_answered_alike()
    {
        var register = _gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</1/0>");
        _gateway.Receive(register);
        _gateway.Receive(register);
        Assert.Equal(1, _gateway.Log.Handed);
        _gateway.Log.Settle();
        var answer = _gateway.NextHex();
        Assert.Empty(_gateway.Sent);
        _gateway.Receive(register);
        Assert.Equal(answer, _gateway.NextHex());
        Assert.Single(_gateway.Log.Uplink);
    }

    [Fact]
    public void An_Update_changes_what_it_names_and_keeps_the_rest()
    {
        var id = _gateway.Register();
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id, "lt=600"), GatewayUnderTest.Elsewhere);
        _gateway.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(_gateway.Next()));
        var registration = _gateway.Log.Registrations.Last();
        Assert.Equal((600L, "[2001:db8::2]:5002", id), (registration.Lifetime, registration.Peer, registration.RegistrationId));
        var updated = _gateway.Log.Uplink.Last();
        Assert.Equal(EventKind.Updated, updated.Kind);
        Assert.False(updated.Registration.HasObjectList);
        Assert.Equal(["/1/0", "/3/0"], updated.Registration.ObjectList);
    }

    [Fact]
    public void The_formats_that_a_device_announces_stand_in_its_registration_until_it_names_others()
    {
        var id = _gateway.Register(query: "&lt=300&lwm2m=1.1", objects: "</>;rt=\"oma.lwm2m\";ct=\"60 112 x 11542\",</1/0>,</3/0>");
        Assert.Equal([60, 112, 11542], _gateway.Log.Registrations.Last().Formats);
        Assert.Equal([60u, 112u, 11542u], _gateway.Log.Uplink.Last().Registration.Formats);

        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id, "lt=400"));
        _gateway.Log.Settle();
        Assert.Equal([60, 112, 11542], _gateway.Log.Registrations.Last().Formats);
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id, "", "</>;ct=110,</3/0>"));
        _gateway.Log.Settle();
        Assert.Equal([110], _gateway.Log.Registrations.Last().Formats);
    }

    [Fact]
    public void An_unknown_registration_is_told_404_only_at_the_end_of_the_log()
    {
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/AAAAAAAAAAA"));
        Assert.Equal("4.04", GatewayUnderTest.CodeOf(_gateway.Next()));

        var ours = global::Ingress.Registrations.Identifiers.ToText(_gateway.Node.Identifiers.Next(global::Ingress.Registrations.Identifiers.Kind.Registration));
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + ours));
        Assert.Empty(_gateway.Sent);
        _gateway.Log.Settle();
        Assert.Equal("4.04", GatewayUnderTest.CodeOf(_gateway.Next()));
    }

    [Fact]
    public void A_new_Register_of_a_known_endpoint_replaces_its_registration()
    {
        var first = _gateway.Register();
        var second = _gateway.Register();
        Assert.NotEqual(first, second);
        Assert.Equal([EventKind.Registered, EventKind.Replaced, EventKind.Registered], _gateway.Log.Uplink.Select(e => e.Kind));
        Assert.Equal(first, _gateway.Log.Uplink.ElementAt(1).RegistrationId);

        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + first));
        _gateway.Log.Settle();
        Assert.Equal("4.04", GatewayUnderTest.CodeOf(_gateway.Next()));
    }

    [Fact]
    public void A_Deregister_ends_the_registration_once()
    {
        var id = _gateway.Register();
        var deregister = _gateway.Request(CoapCode.Delete, "rd/" + id);
        _gateway.Receive(deregister);
        _gateway.Log.Settle();
        Assert.Equal("2.02", GatewayUnderTest.CodeOf(_gateway.Next()));
        Assert.Equal("gone", _gateway.Log.Registrations.Last().State);
        Assert.Equal(EventKind.Deregistered, _gateway.Log.Uplink.Last().Kind);

        _gateway.Receive(deregister);
        Assert.Equal("2.02", GatewayUnderTest.CodeOf(_gateway.Next()));
        _gateway.Receive(_gateway.Request(CoapCode.Delete, "rd/" + id));
        _gateway.Log.Settle();
        Assert.Equal("4.04", GatewayUnderTest.CodeOf(_gateway.Next()));
        Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Deregistered);
    }

    [Fact]
    public void A_registration_expires_when_nothing_was_heard_for_its_lifetime()
    {
        var id = _gateway.Register(query: "&lt=60");
        _gateway.Advance(TimeSpan.FromSeconds(50));
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id));
        _gateway.Log.Settle();
        _gateway.Advance(TimeSpan.FromSeconds(59));
        _gateway.Log.Settle();
        Assert.DoesNotContain(_gateway.Log.Uplink, e => e.Kind == EventKind.Expired);
        _gateway.Advance(TimeSpan.FromSeconds(2));
        _gateway.Log.Settle();
        Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Expired);
        Assert.Equal("gone", _gateway.Log.Registrations.Last().State);
    }

    [Fact]
    public void What_is_gone_is_forgotten_after_a_day()
    {
        _gateway.Register(query: "&lt=60");
        _gateway.Advance(TimeSpan.FromSeconds(61));
        _gateway.Log.Settle();
        Assert.Equal(1, _gateway.Node.Sessions.Count);
        _gateway.Time.Advance(TimeSpan.FromHours(25));
        _gateway.Advance(TimeSpan.FromSeconds(1));
        _gateway.Log.Settle();
        Assert.Equal(0, _gateway.Node.Sessions.Count);
        Assert.Equal(2, _gateway.Log.Entries.Count(e => e.Value is null));
        _gateway.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(0, _gateway.Log.Handed);
    }

    [Theory]
    [InlineData(AppendStatus.QueueFull)]
    [InlineData(AppendStatus.BrokersAway)]
    public void With_Kafka_away_a_device_is_sent_away_and_may_try_again(AppendStatus status)
    {
        _gateway.Log.Status = status;
        var register = _gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</1/0>");
        _gateway.Receive(register);
        var answer = _gateway.Next();
        Assert.Equal("5.03", GatewayUnderTest.CodeOf(answer));
        CoapFrame.TryParse(answer, out var frame);
        Assert.True(frame.TryGetUInt(CoapOptionNumber.MaxAge, out var seconds) && seconds > 0);
        Assert.Equal(0, _gateway.Node.Sessions.Count);

        _gateway.Log.Status = AppendStatus.Handed;
        // A late copy of what was refused is refused again: its device has given it up.
        _gateway.Receive(register);
        Assert.Equal(answer, _gateway.Next());
        Assert.Equal(0, _gateway.Log.Handed);
        _gateway.Register();
    }

    [Fact]
    public void Once_Kafka_was_handed_something_a_stall_gives_silence_and_one_event()
    {
        var register = _gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</1/0>");
        _gateway.Receive(register);
        _gateway.Log.TakeOne();
        _gateway.Log.Status = AppendStatus.BrokersAway;
        _gateway.Log.TakeOne();
        _gateway.Receive(register);
        _gateway.Advance(TimeSpan.FromSeconds(5));
        Assert.Empty(_gateway.Sent);

        _gateway.Log.Status = AppendStatus.Handed;
        _gateway.Advance(TimeSpan.FromSeconds(1));
        _gateway.Log.Settle();
        Assert.Equal("2.01", GatewayUnderTest.CodeOf(_gateway.Next()));
        Assert.Single(_gateway.Log.Uplink);
    }

    [Fact]
    public void An_append_that_fails_is_repeated_under_the_same_number()
    {
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</1/0>"));
        _gateway.Log.TakeOne(acknowledged: false);
        _gateway.Advance(TimeSpan.FromSeconds(1));
        _gateway.Log.Settle();
        Assert.Equal("2.01", GatewayUnderTest.CodeOf(_gateway.Next()));
        Assert.Equal(1UL, Assert.Single(_gateway.Log.Sessions).Number);
    }

    [Fact]
    public void A_record_that_turns_out_void_is_decided_again()
    {
        var other = new GatewayUnderTest(time: _gateway.Time, slot: 1, seed: 9);
        other.Register();
        var theirs = other.Log.Entries.First(e => e.Topic == "t.sessions");

        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</1/0>"));
        _gateway.Log.Put(theirs);
        _gateway.Log.Settle();
        Assert.Equal("2.01", GatewayUnderTest.CodeOf(_gateway.Next()));
        Assert.Equal(2UL, _gateway.Node.Sessions.ByEndpoint("ep1")!.Number);
        Assert.Equal(0, _gateway.Node.Sessions.ByEndpoint("ep1")!.Slot);
        Assert.Contains(_gateway.Log.Uplink, e => e.Kind == EventKind.Replaced);
    }

    [Fact]
    public void A_restarted_gateway_answers_the_repeated_Register_as_before_under_the_same_event_id()
    {
        var register = _gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</1/0>");
        _gateway.Receive(register);
        _gateway.Log.Settle();
        var location = GatewayUnderTest.LocationOf(_gateway.Next());

        var restarted = new GatewayUnderTest(_gateway.Log, _gateway.Time, epoch: 2, seed: 8);
        restarted.Log.Settle();
        restarted.Receive(register);
        restarted.Log.Settle();
        Assert.Equal(location, GatewayUnderTest.LocationOf(restarted.Next()));
        var ids = restarted.Log.Uplink.Where(e => e.Kind == EventKind.Registered).Select(e => (e.IdHigh, e.IdLow)).ToList();
        Assert.Equal(2, ids.Count);
        Assert.Single(ids.Distinct());
    }

    [Fact]
    public void A_restarted_gateway_writes_the_registration_that_a_crash_has_cut_off()
    {
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</1/0>"));
        _gateway.Log.TakeOne();
        Assert.Empty(_gateway.Log.Registrations);
        var log = new MemoryLog();
        log.Entries.AddRange(_gateway.Log.Entries);
        var restarted = new GatewayUnderTest(log, _gateway.Time, epoch: 2);
        log.Settle();
        Assert.Equal("live", Assert.Single(log.Registrations).State);
    }

    [Fact]
    public void Messages_wait_while_the_session_changes()
    {
        var id = _gateway.Register();
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id, "lt=600"));
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id, "lt=700"));
        Assert.Equal(1, _gateway.Log.Handed);
        _gateway.Log.Settle();
        Assert.Equal(["2.04", "2.04"], _gateway.Sent.Select(s => GatewayUnderTest.CodeOf(s.Datagram)));
        Assert.Equal(700, _gateway.Log.Registrations.Last().Lifetime);
    }

    [Fact]
    public void Lifetime_refreshed_by_other_messages_is_written_after_half_of_it()
    {
        _gateway.Register(query: "&lt=100");
        for (var i = 0; i < 12; i++)
        {
            _gateway.Advance(TimeSpan.FromSeconds(10));
            _gateway.Receive(Convert.FromHexString("40000001"));
            _gateway.Log.Settle();
        }

        Assert.DoesNotContain(_gateway.Log.Uplink, e => e.Kind == EventKind.Expired);
        Assert.InRange(_gateway.Log.Sessions.Count(), 2, 4);
    }
}
