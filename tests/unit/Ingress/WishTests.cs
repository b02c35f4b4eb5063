using Contracts;
using Ingress.Journal;
using Ingress.Registrations;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>Observations as desired state: what is wanted of an endpoint outlives registrations, processes and owners.</summary>
public sealed class WishTests
{
    readonly GatewayUnderTest _gateway = new();

    static IEnumerable<UplinkEvent> Notified(GatewayUnderTest gateway) => gateway.Log.Uplink.Where(e => e.Kind == EventKind.Notified);

    static string Wanted(GatewayUnderTest gateway) => string.Join(' ', gateway.Log.Registrations.Last().Observations);

    byte[] Observe(string path = "/3/0", string id = "c1", bool automatic = false)
    {
        var operation = _gateway.Operation(OperationKind.Observe, path, id);
        operation.Automatic = automatic;
        _gateway.Operate(operation);
        _gateway.Log.Settle();
        var token = _gateway.AnswerNext(path, CoapCode.Content, observe: 5, payload: [1]);
        _gateway.Log.Settle();
        return token;
    }

    [Fact]
    public void After_a_new_Register_each_wanted_path_is_observed_again_one_at_a_time_under_new_tokens()
    {
        _gateway.Register();
        var old = Observe();
        Observe("/4/0", "c2");
        Assert.Equal("/3/0 /4/0", Wanted(_gateway));

        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</3/0>,</4/0>"));
        while (_gateway.Sent.Count == 0)
            _gateway.Log.TakeOne();
        GatewayUnderTest.LocationOf(_gateway.Next());
        // The tokens stand in the log before the first GET leaves.
        Assert.Empty(_gateway.Sent);
        _gateway.Log.Settle();
        var tokens = _gateway.Log.Sessions.Last().Observations.Select(o => o.Token.ToByteArray()).ToList();
        var first = _gateway.AnswerNext("/3/0", CoapCode.Content, observe: 9, payload: [7]);
        Assert.Equal(tokens[0], first);
        Assert.NotEqual(old, first);
        Assert.Equal(tokens[1], _gateway.AnswerNext("/4/0", CoapCode.Content, observe: 2, payload: [8]));
        _gateway.Log.Settle();

        Assert.Equal([("/3/0", "c1", 9u), ("/4/0", "c2", 2u)], Notified(_gateway).Select(e => (e.Path, e.Command.CommandId, e.Observe)));
        Assert.Equal([7], Notified(_gateway).First().Payload.ToByteArray());
        Assert.All(_gateway.Log.Sessions.Last().Observations, o => Assert.Equal((0UL, true), (o.Due, o.Wanted)));
        Assert.Equal("/3/0 /4/0", Wanted(_gateway));

        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, first, observe: 10, payload: [1]));
        _gateway.Log.Settle();
        Assert.Equal("60007001", _gateway.NextHex());
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7002, old, observe: 11, payload: [1]));
        _gateway.Log.Settle();
        Assert.Equal("70007002", _gateway.NextHex());
    }

    [Fact]
    public void A_separate_answer_to_what_is_observed_again_is_told_once_and_no_command_is_acknowledged()
    {
        _gateway.Register();
        Observe();
        _gateway.Register();
        _gateway.Log.Settle();
        var get = _gateway.NextRequest();
        _gateway.Receive([0x60, 0, (byte)(get.Id >> 8), (byte)get.Id]);
        var separate = GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, get.Token, observe: 3, payload: [1]);
        _gateway.Receive(separate);
        Assert.Empty(_gateway.Sent);
        _gateway.Log.Settle();
        Assert.Equal("60007001", _gateway.NextHex());
        _gateway.Receive(separate);
        Assert.Equal("60007001", _gateway.NextHex());
        Assert.Single(Notified(_gateway));
        Assert.DoesNotContain(_gateway.Log.Uplink, e => e.Kind == EventKind.Acknowledged);
    }

    [Fact]
    public void A_notification_that_overtakes_the_answer_to_its_Observe_keeps_its_own_id()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0", "c1"));
        _gateway.Log.Settle();
        var get = _gateway.NextRequest();
        var overtaking = GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, get.Token, observe: 3, payload: [1]);
        _gateway.Receive(overtaking);
        _gateway.Log.Settle();
        Assert.Equal("60007001", _gateway.NextHex());
        var outcome = Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Outcome);
        Assert.NotEqual((outcome.IdHigh, outcome.IdLow), (outcome.NotificationIdHigh, outcome.NotificationIdLow));

        // As another replica tells it, to which the device repeats it.
        CoapFrame.TryParse(overtaking, out var frame);
        Assert.True(Identifiers.TryParse(System.Text.Encoding.UTF8.GetBytes(outcome.RegistrationId), out var registration));
        Assert.Equal(UplinkRecords.MessageId(registration, EventKind.Notified, frame), new EventId(outcome.NotificationIdHigh, outcome.NotificationIdLow));
    }

    [Fact]
    public void An_answer_that_comes_with_the_acknowledgement_is_no_notification()
    {
        _gateway.Register();
        Observe();
        var outcome = Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Outcome);
        Assert.Equal((0ul, 0ul), (outcome.NotificationIdHigh, outcome.NotificationIdLow));
    }

    [Fact]
    public void An_answer_that_a_further_Register_overtakes_does_not_count_for_it()
    {
        _gateway.Register();
        Observe();
        _gateway.Register();
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</3/0>"));
        var before = _gateway.AnswerNext("/3/0", CoapCode.Content, observe: 9);
        _gateway.Log.Settle();
        GatewayUnderTest.LocationOf(_gateway.Next());
        Assert.NotEqual(before, _gateway.AnswerNext("/3/0", CoapCode.Content, observe: 1));
        _gateway.Log.Settle();
        Assert.Equal([9u, 1u], Notified(_gateway).Select(e => e.Observe));
    }

    [Fact]
    public void What_auto_observe_wants_is_decided_anew_by_the_Translator()
    {
        _gateway.Register();
        Observe(automatic: true);
        Observe("/4/0", "c2");
        _gateway.Register();
        _gateway.Log.Settle();
        Assert.Equal("/4/0", Wanted(_gateway));
        _gateway.AnswerNext("/4/0", CoapCode.Content, observe: 1);
        Assert.Empty(_gateway.Sent);
    }

    [Fact]
    public void What_a_command_and_auto_observe_want_is_told_with_the_context_of_the_command()
    {
        _gateway.Register();
        var token = Observe(id: "auto-1", automatic: true);
        Assert.Equal(token, Observe(id: "c1"));
        Assert.Equal(token, Observe(id: "auto-2", automatic: true));
        _gateway.Receive(GatewayUnderTest.Response(CoapType.NonConfirmable, CoapCode.Content, 0x7001, token, observe: 6, payload: [2]));
        _gateway.Log.Settle();
        Assert.Equal("c1", Assert.Single(Notified(_gateway)).Command.CommandId);
        Assert.Equal(["auto-1", "c1", "auto-2"], _gateway.Log.Uplink.Where(e => e.Kind == EventKind.Outcome).Select(e => e.Command.CommandId));

        _gateway.Register();
        _gateway.Log.Settle();
        _gateway.AnswerNext("/3/0", CoapCode.Content, observe: 1);
        _gateway.Log.Settle();
        Assert.Equal("c1", Notified(_gateway).Last().Command.CommandId);
    }

    [Theory]
    [InlineData(CoapCode.NotFound)]
    [InlineData(CoapCode.MethodNotAllowed)]
    [InlineData(CoapCode.BadRequest)]
    public void A_final_error_is_told_and_ends_the_wish(CoapCode code)
    {
        _gateway.Register();
        Observe();
        _gateway.Register();
        _gateway.Log.Settle();
        _gateway.AnswerNext("/3/0", code);
        _gateway.Log.Settle();
        Assert.Equal((uint)code, Assert.Single(Notified(_gateway)).Code);
        Assert.Equal("", Wanted(_gateway));
        _gateway.Register();
        _gateway.Log.Settle();
        Assert.Empty(_gateway.Sent);
    }

    [Fact]
    public void What_the_device_cannot_do_just_now_is_tried_again_with_its_next_Update()
    {
        _gateway.Register();
        Observe();
        var id = _gateway.Register();
        _gateway.Log.Settle();
        _gateway.AnswerNext("/3/0", CoapCode.ServiceUnavailable);
        _gateway.Log.Settle();
        Assert.Equal("/3/0", Wanted(_gateway));
        Assert.Empty(_gateway.Sent);

        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id));
        _gateway.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(_gateway.Next()));
        _gateway.AnswerNext("/3/0", CoapCode.Content, observe: 3);
        _gateway.Log.Settle();
        Assert.Equal([0xA3u, 0x45u], Notified(_gateway).Select(e => e.Code));
        Assert.Equal(2, Notified(_gateway).Select(e => (e.IdHigh, e.IdLow)).Distinct().Count());

        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id));
        _gateway.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(_gateway.Next()));
        Assert.Empty(_gateway.Sent);
    }

    [Fact]
    public void A_device_that_does_not_answer_is_asked_again_with_its_next_Update()
    {
        _gateway.Register();
        Observe();
        var id = _gateway.Register();
        _gateway.Log.Settle();
        _gateway.Advance(TimeSpan.FromSeconds(100));
        _gateway.Log.Settle();
        Assert.Equal(5, _gateway.Sent.Count);
        _gateway.Sent.Clear();
        Assert.Equal("/3/0", Wanted(_gateway));
        Assert.Empty(Notified(_gateway));
        Assert.Null(_gateway.Node.Sessions.ByEndpoint("ep1")!.Operations);

        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id));
        _gateway.Log.Settle();
        _gateway.Next();
        _gateway.AnswerNext("/3/0", CoapCode.Content, observe: 3);
        _gateway.Log.Settle();
        Assert.Single(Notified(_gateway));
    }

    [Fact]
    public void An_error_notification_that_may_pass_is_followed_by_an_Observe_with_the_next_Update()
    {
        var id = _gateway.Register();
        var token = Observe();
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.ServiceUnavailable, 0x7001, token));
        _gateway.Log.Settle();
        Assert.Equal("60007001", _gateway.NextHex());
        Assert.Empty(_gateway.Sent);
        Assert.Equal("/3/0", Wanted(_gateway));
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id));
        _gateway.Log.Settle();
        _gateway.Next();
        Assert.Equal(token, _gateway.AnswerNext("/3/0", CoapCode.Content, observe: 3));
    }

    [Fact]
    public void A_restarted_process_goes_on_with_what_is_due_and_tells_the_same_event()
    {
        _gateway.Register();
        Observe();
        _gateway.Register();
        _gateway.Log.Settle();
        var before = _gateway.AnswerNext("/3/0", CoapCode.Content, observe: 9, payload: [7]);
        // The event stands in the log; that it is observed does not yet.
        _gateway.Log.TakeOne();
        var log = new MemoryLog();
        log.Entries.AddRange(_gateway.Log.Entries);

        var restarted = _gateway.Successor(log: log);
        log.Settle();
        Assert.Equal(before, restarted.AnswerNext("/3/0", CoapCode.Content, observe: 9, payload: [7]));
        log.Settle();
        Assert.Single(Notified(restarted).Select(e => (e.IdHigh, e.IdLow)).Distinct());
        Assert.Equal(2, Notified(restarted).Count());

        var again = restarted.Successor(epoch: 3);
        again.Log.Settle();
        Assert.Empty(again.Sent);
    }

    [Fact]
    public void A_crash_before_the_token_is_durable_leaves_the_Observe_to_the_next_process()
    {
        _gateway.Register();
        Observe();
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</3/0>"));
        _gateway.Log.TakeOne();
        var log = new MemoryLog();
        log.Entries.AddRange(_gateway.Log.Entries);
        var restarted = _gateway.Successor(log: log);
        log.Settle();
        var request = restarted.NextRequest();
        Assert.Equal((CoapCode.Get, 0u, "/3/0"), (request.Code, request.Observe, request.Path));
        Assert.Empty(restarted.Sent);
    }

    [Fact]
    public void Another_replica_at_which_the_device_registers_observes_what_is_wanted()
    {
        _gateway.Register();
        Observe();
        var other = _gateway.Successor(slot: 1);
        other.Register();
        other.Log.Settle();
        other.AnswerNext("/3/0", CoapCode.Content, observe: 1);
        other.Log.Settle();
        Assert.Equal("c1", Assert.Single(Notified(other)).Command.CommandId);
        Assert.Equal(("/3/0", 1), (Wanted(other), other.Log.Registrations.Last().Slot));
    }

    [Fact]
    public void A_replica_that_adopts_a_device_observes_what_its_owner_did_not_come_to()
    {
        _gateway.Register();
        Observe();
        var id = _gateway.Register();
        var other = _gateway.Successor(slot: 1);
        other.Receive(other.Request(CoapCode.Post, "rd/" + id));
        other.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(other.Next()));
        other.AnswerNext("/3/0", CoapCode.Content, observe: 1);
    }

    [Fact]
    public void A_mark_that_turns_out_void_sends_nothing()
    {
        _gateway.Register();
        Observe();
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</3/0>"));
        while (_gateway.Sent.Count == 0)
            _gateway.Log.TakeOne();
        _gateway.Next();
        Assert.Equal(1, _gateway.Log.Handed);
        _gateway.Log.Put(new MemoryLog.Entry("t.sessions", "ep1"u8.ToArray(), SessionAfter(_gateway, slot: 1)));
        _gateway.Log.Settle();
        Assert.Empty(_gateway.Sent);
        Assert.Equal(1, _gateway.Node.Sessions.ByEndpoint("ep1")!.Slot);
    }

    [Fact]
    public void What_is_wanted_outlives_the_end_of_a_registration()
    {
        var id = _gateway.Register(query: "&lt=60");
        Observe();
        _gateway.Advance(TimeSpan.FromSeconds(61));
        _gateway.Log.Settle();
        Assert.Equal(("gone", "/3/0"), (_gateway.Log.Registrations.Last().State, Wanted(_gateway)));
        Assert.NotEqual(id, _gateway.Register());
        _gateway.Log.Settle();
        _gateway.AnswerNext("/3/0", CoapCode.Content, observe: 1);
    }

    [Fact]
    public void A_cancellation_is_durable_before_it_leaves()
    {
        _gateway.Register();
        Observe();
        _gateway.Operate(_gateway.Operation(OperationKind.CancelObservation, "/3/0", "c2"));
        Assert.Empty(_gateway.Sent);
        _gateway.Log.Settle();
        Assert.Equal("", Wanted(_gateway));
        Assert.Single(_gateway.Sent);

        // The process dies; the device registers at the next one, which observes nothing.
        var restarted = _gateway.Successor();
        restarted.Register();
        restarted.Log.Settle();
        Assert.Empty(restarted.Sent);
        Assert.Empty(restarted.Log.Sessions.Last().Observations);
    }

    [Fact]
    public void A_cancellation_that_is_not_answered_ends_the_wish_and_the_next_notification_is_reset()
    {
        _gateway.Register();
        var token = Observe();
        _gateway.Operate(_gateway.Operation(OperationKind.CancelObservation, "/3/0", "c2"));
        _gateway.Log.Settle();
        _gateway.Advance(TimeSpan.FromSeconds(100));
        _gateway.Log.Settle();
        _gateway.Sent.Clear();
        Assert.Equal(Outcome.TimedOut, _gateway.Log.Uplink.Last().Outcome);
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, token, observe: 6, payload: [2]));
        _gateway.Log.Settle();
        Assert.Equal("70007001", _gateway.NextHex());
    }

    [Fact]
    public void A_cancellation_of_nothing_is_asked_of_the_device_and_its_answer_is_the_outcome()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.CancelObservation, "/3/0", "c2"));
        var sessions = _gateway.Log.Sessions.Count();
        Assert.Equal(1u, GetObserve(_gateway));
        _gateway.AnswerNext("/3/0", CoapCode.Content, payload: [1]);
        _gateway.Log.Settle();
        Assert.Equal((Outcome.Answered, 0x45u), (_gateway.Log.Uplink.Last().Outcome, _gateway.Log.Uplink.Last().Code));
        Assert.Equal(sessions, _gateway.Log.Sessions.Count());
    }

    [Fact]
    public void A_cancellation_before_the_path_is_observed_again_leaves_it_alone()
    {
        _gateway.Register();
        Observe();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/1/0", "r"));
        _gateway.Sent.Clear();
        _gateway.Register();
        _gateway.Sent.Clear();
        var cancel = _gateway.Operation(OperationKind.CancelObservation, "/3/0", "c2");
        cancel.Priority = 1;
        _gateway.Operate(cancel);
        _gateway.Advance(TimeSpan.FromSeconds(100));
        _gateway.Log.Settle();
        Assert.All(_gateway.Sent.Skip(4), s => Assert.Equal(1u, ObserveOf(s.Datagram)));
        Assert.Equal("", Wanted(_gateway));
    }

    [Fact]
    public void The_registration_record_tells_which_paths_are_wanted_and_nothing_of_other_marks()
    {
        _gateway.Register();
        Observe();
        var number = _gateway.Log.Registrations.Last().Number;
        Assert.Equal(_gateway.Log.Sessions.Last().Number, number);
        var count = _gateway.Log.Registrations.Count();
        _gateway.Operate(_gateway.Operation(OperationKind.Execute, "/3/0/4", "x"));
        _gateway.Log.Settle();
        _gateway.AnswerNext("/3/0/4", CoapCode.Changed);
        Observe(id: "c9");
        Assert.Equal(count, _gateway.Log.Registrations.Count());
        Assert.True(_gateway.Log.Sessions.Last().Number > number);
        Assert.Equal(number, _gateway.Log.Sessions.Last().RegistrationNumber);

        // A restart finds it announced, and writes nothing.
        var restarted = _gateway.Successor();
        Assert.Equal(0, restarted.Log.Handed);
    }

    [Fact]
    public void An_Observe_that_fails_leaves_the_wish_that_was_there_before()
    {
        _gateway.Register();
        var token = Observe();
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0", "c2"));
        _gateway.Log.Settle();
        _gateway.Advance(TimeSpan.FromSeconds(100));
        _gateway.Log.Settle();
        _gateway.Sent.Clear();
        Assert.Equal("/3/0", Wanted(_gateway));
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, token, observe: 6, payload: [2]));
        _gateway.Log.Settle();
        Assert.Equal("60007001", _gateway.NextHex());
    }

    [Fact]
    public void An_Observe_that_expires_before_it_leaves_is_no_wish()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/1/0", "r"));
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0", "c1"));
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/4/0", "c2", within: TimeSpan.FromSeconds(10)));
        _gateway.AnswerNext("/1/0", CoapCode.Content);
        _gateway.Log.Settle();
        Assert.Equal(2, _gateway.Log.Sessions.Last().Observations.Count);
        _gateway.Advance(TimeSpan.FromSeconds(100));
        _gateway.Log.Settle();
        Assert.Equal("", Wanted(_gateway));
    }

    [Fact]
    public void A_queue_of_commands_and_what_is_due_take_turns_and_the_due_takes_no_room()
    {
        _gateway.Configuration = _gateway.Configuration with { Ingress = new() { MaxQueuedCommands = 1 } };
        _gateway.Register();
        Observe();
        Observe("/4/0", "c2");
        _gateway.Register();
        _gateway.Log.Settle();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/1/0", "r"));
        foreach (var path in new[] { "/3/0", "/4/0", "/1/0" })
            _gateway.AnswerNext(path, CoapCode.Content, observe: 1);
        _gateway.Log.Settle();
        Assert.DoesNotContain(_gateway.Log.Uplink, e => e.Outcome == Outcome.QueueFull);
    }

    [Fact]
    public void So_many_paths_of_a_device_are_observed_and_no_more()
    {
        _gateway.Configuration = _gateway.Configuration with { Ingress = new() { MaxQueuedCommands = 1000 } };
        _gateway.Register();
        for (var i = 0; i < 256; i++)
            Observe("/3303/" + i, "c" + i);
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3303/256", "one more"));
        _gateway.Log.Settle();
        Assert.Equal(Outcome.QueueFull, _gateway.Log.Uplink.Last().Outcome);
        Assert.Empty(_gateway.Sent);
        Observe("/3303/7", "again");
    }

    static uint? ObserveOf(byte[] datagram)
    {
        CoapFrame.TryParse(datagram, out var frame);
        return frame.Observe;
    }

    static uint? GetObserve(GatewayUnderTest gateway) => ObserveOf(gateway.Sent.Peek().Datagram);

    static byte[] SessionAfter(GatewayUnderTest gateway, int slot)
    {
        var next = gateway.Log.Sessions.Last();
        next.Number++;
        next.Writer++;
        next.Slot = (uint)slot;
        return Google.Protobuf.MessageExtensions.ToByteArray(next);
    }
}
