using Contracts;
using Contracts.Configuration;
using Messaging;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>Notifications that do not fit into one datagram (RFC 7959 section 2.6).</summary>
public sealed class BlockwiseNotificationTests
{
    readonly GatewayUnderTest _gateway = new();
    readonly BlockwiseDevice _device = new();
    readonly LossyNetwork _network;
    readonly byte[] _token;

    public BlockwiseNotificationTests()
    {
        _network = new LossyNetwork(_gateway, _device);
        _gateway.Register(query: "&lt=3000&lwm2m=1.0");
        _token = Observe();
    }

    static byte[] Content(int length, int first = 0) => [.. Enumerable.Range(first, length).Select(i => (byte)((i * 7) + (i >> 8)))];

    byte[] Observe()
    {
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0", "o1"));
        _gateway.Log.Settle();
        CoapFrame.TryParse(_gateway.Next(), out var frame);
        var token = frame.Token.ToArray();
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Acknowledgement, CoapCode.Content, frame.MessageId, token, observe: 5, format: 42, payload: [1]));
        _gateway.Log.Settle();
        return token;
    }

    /// <summary>The first block of what the device has at /3/0.</summary>
    byte[] FirstBlock(ushort messageId, uint observe, CoapType type = CoapType.Confirmable, uint? size2 = null)
    {
        var content = _device.Content["/3/0"];
        var buffer = new byte[2048];
        var writer = new CoapWriter(buffer, type, CoapCode.Content, messageId, _token);
        if (_device.ETag is not null)
            writer.AddOption(CoapOptionNumber.ETag, Convert.FromHexString(_device.ETag));
        writer.AddOption(CoapOptionNumber.Observe, observe);
        writer.AddOption(CoapOptionNumber.ContentFormat, 42u);
        writer.AddOption(CoapOptionNumber.Block2, new BlockOption(0, true, 6).Value);
        if (size2 is { } size)
            writer.AddOption(CoapOptionNumber.Size2, size);
        writer.AddPayload(content.AsSpan(0, 1024));
        Assert.True(writer.TryFinish(out var length));
        return buffer[..length];
    }

    IEnumerable<UplinkEvent> Notified => _gateway.Log.Uplink.Where(e => e.Kind == EventKind.Notified);

    [Fact]
    public void The_path_is_noted_the_first_block_acknowledged_the_rest_read_and_the_whole_told_once()
    {
        _device.Content["/3/0"] = Content(2500);
        var first = FirstBlock(0x7001, 6);
        _gateway.Receive(first);
        _gateway.Receive(first);
        Assert.Empty(_gateway.Sent);
        var note = Assert.Single(SessionRecord.Parser.ParseFrom(_gateway.Log.TakeOne().Value).Bodies);
        Assert.Equal(("/3/0", Convert.ToHexStringLower(_token)), (note.Path, Convert.ToHexStringLower(note.Token.Span)));
        Assert.Equal("60007001", _gateway.NextHex());
        Assert.Empty(Notified);

        _network.Settle();
        Assert.Equal(["GET /3/0 accept=42 2:1/0/1024", "GET /3/0 accept=42 2:2/0/1024"], _device.Heard);
        Assert.DoesNotContain(Convert.ToHexStringLower(_token), _device.Tokens);
        Assert.Single(_device.Tokens.Distinct());
        var told = Assert.Single(Notified);
        Assert.Equal(("/3/0", 6u, 0x45u, 42u, "o1"), (told.Path, told.Observe, told.Code, told.ContentFormat, told.Command.CommandId));
        Assert.Equal((false, false, ""), (told.Late, told.Reread, told.Reason));
        Assert.Equal(Content(2500), told.Payload.ToByteArray());
        Assert.Empty(_gateway.Log.Sessions.Last().Bodies);
        Assert.Null(_gateway.Node.Sessions.ByEndpoint("ep1")!.Bodies);

        // Its repetition is answered from memory, and the next one is noted anew.
        _gateway.Receive(first);
        Assert.Equal("60007001", _gateway.NextHex());
        _gateway.Receive(FirstBlock(0x7002, 7));
        _network.Settle();
        Assert.Equal([6u, 7u], Notified.Select(n => n.Observe));
    }

    [Fact]
    public void The_rest_goes_before_commands_that_wait_and_one_request_at_a_time()
    {
        _device.Content["/3/0"] = Content(2500);
        _device.Content["/3/0/1"] = [1];
        for (var i = 0; i < 3; i++)
            _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/1", "r" + i));
        _gateway.Receive(FirstBlock(0x7001, 6));
        _network.Settle();
        Assert.Equal(["GET /3/0/1", "GET /3/0 accept=42 2:1/0/1024", "GET /3/0 accept=42 2:2/0/1024", "GET /3/0/1", "GET /3/0/1"], _device.Heard);
        Assert.InRange(_network.MostOpen, 0, 1);
    }

    [Fact]
    public void After_a_crash_what_was_cut_off_is_read_again_and_says_so()
    {
        _device.Content["/3/0"] = Content(2500);
        _gateway.Receive(FirstBlock(0x7001, 6));
        _gateway.Log.Settle();
        Assert.Equal("60007001", _gateway.NextHex());

        var restarted = new GatewayUnderTest(_gateway.Log, _gateway.Time, epoch: 2, seed: 8);
        new LossyNetwork(restarted, _device).Settle();
        Assert.Equal(["GET /3/0", "GET /3/0 2:1/0/1024", "GET /3/0 2:2/0/1024"], _device.Heard);
        var told = Assert.Single(Notified);
        Assert.Equal((true, "/3/0", "o1", 42u), (told.Reread, told.Path, told.Command.CommandId, told.ContentFormat));
        Assert.Equal(Content(2500), told.Payload.ToByteArray());
        Assert.Empty(restarted.Log.Sessions.Last().Bodies);
        Assert.Empty(new GatewayUnderTest(_gateway.Log, _gateway.Time, epoch: 3, seed: 9).Sent);
    }

    [Fact]
    public void A_note_that_counts_after_a_crash_before_the_acknowledgement_is_read_again_or_replaced_by_the_repetition()
    {
        _device.Content["/3/0"] = Content(2500);
        var first = FirstBlock(0x7001, 6);
        _gateway.Receive(first);
        // The note stands in the log; nothing was acknowledged.
        var crashed = _gateway.Log.TakeOne();
        Assert.Single(SessionRecord.Parser.ParseFrom(crashed.Value).Bodies);
        var restarted = new GatewayUnderTest(_gateway.Log, _gateway.Time, epoch: 2, seed: 8);
        restarted.Receive(first);
        new LossyNetwork(restarted, _device).Settle();
        var told = Assert.Single(Notified);
        Assert.Equal((false, 6u), (told.Reread, told.Observe));
        Assert.Equal(Content(2500), told.Payload.ToByteArray());
    }

    [Fact]
    public void A_replica_that_adopts_reads_again_what_the_other_did_not_finish()
    {
        _device.Content["/3/0"] = Content(2500);
        _gateway.Receive(FirstBlock(0x7001, 6));
        _gateway.Log.Settle();
        var other = new GatewayUnderTest(_gateway.Log, _gateway.Time, slot: 1, epoch: 2, seed: 8);
        Assert.Empty(other.Sent);
        var id = global::Ingress.Registrations.Identifiers.ToText(_gateway.Node.Sessions.ByEndpoint("ep1")!.RegistrationId);
        other.Receive(other.Request(CoapCode.Post, "rd/" + id));
        new LossyNetwork(other, _device).Settle();
        Assert.True(Assert.Single(Notified).Reread);
    }

    [Fact]
    public void A_replica_that_hears_the_first_block_adopts_the_session_and_reads_the_rest()
    {
        _device.Content["/3/0"] = Content(2500);
        var other = new GatewayUnderTest(_gateway.Log, _gateway.Time, slot: 1, epoch: 2, seed: 8);
        other.Receive(FirstBlock(0x7001, 6));
        other.Log.Settle();
        Assert.Equal("60007001", other.NextHex());
        new LossyNetwork(other, _device).Settle();
        Assert.False(Assert.Single(Notified).Reread);
        Assert.Equal(1, other.Log.Registrations.Last().Slot);
        Assert.Equal(1, other.Node.Sessions.ByEndpoint("ep1")!.Slot);
    }

    [Fact]
    public void A_newer_notification_replaces_the_one_that_is_being_read()
    {
        _device.Content["/3/0"] = Content(2500);
        _gateway.Receive(FirstBlock(0x7001, 6));
        _gateway.Log.Settle();
        Assert.Equal("60007001", _gateway.NextHex());
        var stale = _device.Receive(_gateway.Next());
        _device.Content["/3/0"] = Content(3000, first: 5);
        _gateway.Receive(FirstBlock(0x7002, 7));
        Assert.Equal("60007002", _gateway.NextHex());
        // One request at a time: the one that is under way is answered first, and its answer counts for nothing.
        Assert.Empty(_gateway.Sent);
        _gateway.Receive(stale[0]);
        _network.Settle();
        var told = Assert.Single(Notified);
        Assert.Equal(7u, told.Observe);
        Assert.Equal(Content(3000, first: 5), told.Payload.ToByteArray());
    }

    [Fact]
    public void A_whole_notification_that_is_newer_ends_the_reading()
    {
        _device.Content["/3/0"] = Content(2500);
        _gateway.Receive(FirstBlock(0x7001, 6));
        _gateway.Log.Settle();
        _gateway.Next();
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7002, _token, observe: 7, payload: [2]));
        _network.Settle();
        Assert.Equal([7u], Notified.Select(n => n.Observe));
        Assert.Single(_device.Heard);
        Assert.Empty(_gateway.Log.Sessions.Last().Bodies);
    }

    [Fact]
    public void A_whole_notification_ends_the_reading_of_older_ones_only()
    {
        _device.Content["/3/0"] = Content(2500);
        _gateway.Receive(FirstBlock(0x7001, 6));
        _gateway.Log.Settle();
        // Before it is durable, a third one has come in blocks.
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7002, _token, observe: 7, payload: [2]));
        _gateway.Receive(FirstBlock(0x7003, 8));
        _network.Settle();
        Assert.Equal([7u, 8u], Notified.Select(n => n.Observe));
        Assert.Equal(Content(2500), Notified.Last().Payload.ToByteArray());
    }

    [Fact]
    public void An_older_notification_in_the_middle_is_acknowledged_and_changes_nothing()
    {
        _device.Content["/3/0"] = Content(2500);
        _gateway.Receive(FirstBlock(0x7001, 9));
        _gateway.Log.Settle();
        _gateway.Next();
        _gateway.Receive(FirstBlock(0x7002, 8));
        _network.Settle();
        Assert.Equal([(9u, false)], Notified.Select(n => (n.Observe, n.Late)));
        Assert.Equal(2, _device.Heard.Count);
    }

    [Fact]
    public void A_device_that_falls_silent_is_asked_for_the_rest_when_it_is_heard_and_holds_up_no_commands()
    {
        _device.Content["/3/0"] = Content(2500);
        _device.Content["/3/0/1"] = [1];
        _gateway.Receive(FirstBlock(0x7001, 6));
        _gateway.Log.Settle();
        _gateway.Advance(TimeSpan.FromSeconds(100));
        _gateway.Sent.Clear();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/1", "r"));
        _network.Settle();
        Assert.Equal(["GET /3/0/1", "GET /3/0 accept=42 2:1/0/1024", "GET /3/0 accept=42 2:2/0/1024"], _device.Heard);
        Assert.Equal(Content(2500), Assert.Single(Notified).Payload.ToByteArray());
    }

    [Fact]
    public void A_device_that_answers_everything_but_the_rest_is_told_as_cut_off_and_its_commands_are_carried_out()
    {
        _device.Content["/3/0"] = Content(2500);
        _device.Content["/3/0/1"] = [1];
        _gateway.Receive(FirstBlock(0x7001, 6));
        _gateway.Log.Settle();
        _gateway.Next();
        for (var i = 0; i < 1000; i++)
        {
            if (i % 20 == 0)
                _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/1", "r" + i));
            _gateway.Advance(TimeSpan.FromSeconds(5));
            while (_gateway.Sent.TryDequeue(out var sent))
            {
                CoapFrame.TryParse(sent.Datagram, out var frame);
                if (frame.Block2 is null)
                    _device.Receive(sent.Datagram).ToList().ForEach(a => _gateway.Receive(a));
            }

            _gateway.Log.Settle();
        }

        Assert.Equal(0x88u, Assert.Single(Notified).Code);
        // The observe, and all of the reads.
        Assert.Equal(51, _gateway.Log.Uplink.Count(e => e is { Kind: EventKind.Outcome, Outcome: Outcome.Answered }));
        Assert.Empty(_gateway.Log.Sessions.Last().Bodies);
    }

    [Fact]
    public void What_is_cut_off_by_the_end_of_the_registration_is_told()
    {
        _device.Content["/3/0"] = Content(2500);
        _gateway.Receive(FirstBlock(0x7001, 6));
        _gateway.Log.Settle();
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300&lwm2m=1.0", "</3/0>"));
        _gateway.Log.Settle();
        var told = Assert.Single(Notified);
        Assert.Equal((0x88u, "/3/0", "o1", true), (told.Code, told.Path, told.Command.CommandId, told.Reason.Length > 0));
        Assert.Equal([EventKind.Notified, EventKind.Replaced, EventKind.Registered], _gateway.Log.Uplink.TakeLast(3).Select(e => e.Kind));
        Assert.Empty(_gateway.Log.Sessions.Last().Bodies);

        // What is wanted is observed again, and its answer in blocks is a notification.
        _gateway.Sent.Clear();
        _gateway.Advance(TimeSpan.FromSeconds(10));
        _network.Settle();
        Assert.Equal(["GET /3/0 observe=0", "GET /3/0 2:1/0/1024", "GET /3/0 2:2/0/1024"], _device.Heard);
        Assert.Equal((0x45u, false, "o1"), (Notified.Last().Code, Notified.Last().Reread, Notified.Last().Command.CommandId));
        Assert.Equal(Content(2500), Notified.Last().Payload.ToByteArray());
        Assert.Equal(2, Notified.Count());
    }

    [Fact]
    public void What_is_observed_again_and_too_large_is_told_by_its_code()
    {
        _gateway.Configuration = _gateway.Configuration with { Lwm2m = new() { Blockwise = new BlockwiseOptions { MaxBodySize = 2000 } } };
        _device.Content["/3/0"] = Content(2500);
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300&lwm2m=1.0", "</3/0>"));
        _network.Settle();
        Assert.Equal((0x8Du, "the answer is longer than 2000 bytes"), (Assert.Single(Notified).Code, Notified.Single().Reason));
        Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Outcome);
    }

    [Fact]
    public void A_rest_that_is_refused_or_too_large_is_told_by_its_code()
    {
        _device.Content["/3/0"] = Content(2500);
        _device.Intervene = _ => CoapCode.NotFound;
        _gateway.Receive(FirstBlock(0x7001, 6));
        _network.Settle();
        _gateway.Receive(FirstBlock(0x7002, 7, size2: 100_000_000));
        _network.Settle();
        Assert.Equal([(0x84u, 6u), (0x8Du, 7u)], Notified.Select(n => (n.Code, n.Observe)));
        Assert.Single(_gateway.Log.Sessions.Last().Observations);
        Assert.Empty(_gateway.Log.Sessions.Last().Bodies);
    }

    [Fact]
    public void With_Kafka_away_the_first_block_gets_silence_and_its_repetition_is_taken()
    {
        _device.Content["/3/0"] = Content(2500);
        var first = FirstBlock(0x7001, 6);
        _gateway.Log.Status = AppendStatus.BrokersAway;
        _gateway.Receive(first);
        Assert.Empty(_gateway.Sent);
        _gateway.Log.Status = AppendStatus.Handed;
        _gateway.Receive(first);
        _network.Settle();
        Assert.Single(Notified);
    }

    [Fact]
    public void An_event_that_Kafka_does_not_take_is_kept_and_the_note_with_it()
    {
        _device.Content["/3/0"] = Content(1500);
        _gateway.Receive(FirstBlock(0x7001, 6));
        _gateway.Log.Settle();
        _gateway.Next();
        var answer = _device.Receive(_gateway.Next())[0];
        _gateway.Log.Status = AppendStatus.QueueFull;
        _gateway.Receive(answer);
        _gateway.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(Notified);
        Assert.Single(_gateway.Log.Sessions.Last().Bodies);
        _gateway.Log.Status = AppendStatus.Handed;
        _network.Until(() => _gateway.Log.Sessions.Last().Bodies.Count == 0, TimeSpan.FromSeconds(10));
        Assert.Single(Notified);
    }

    [Fact]
    public void A_NON_notification_is_read_too()
    {
        _device.Content["/3/0"] = Content(2500);
        _gateway.Receive(FirstBlock(0x7001, 6, CoapType.NonConfirmable));
        _network.Settle();
        Assert.Equal(2, _device.Heard.Count);
        Assert.Single(Notified);
    }

    [Fact]
    public void A_message_of_the_device_that_comes_while_the_note_is_written_takes_its_turn()
    {
        _device.Content["/3/0"] = Content(2500);
        var id = global::Ingress.Registrations.Identifiers.ToText(_gateway.Node.Sessions.ByEndpoint("ep1")!.RegistrationId);
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id));
        _gateway.Receive(FirstBlock(0x7001, 6));
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id));
        _network.Settle();
        Assert.False(Assert.Single(Notified).Reread);
        Assert.Equal(2, _gateway.Log.Uplink.Count(e => e.Kind == EventKind.Updated));
        Assert.Equal(2, _device.Heard.Count);
    }

    [Fact]
    public void Switched_off_it_is_told_as_4_08()
    {
        _gateway.Configuration = _gateway.Configuration with { Lwm2m = new() { Blockwise = new BlockwiseOptions { Enable = false } } };
        _device.Content["/3/0"] = Content(2500);
        _gateway.Receive(FirstBlock(0x7001, 6));
        _network.Settle();
        Assert.Empty(_device.Heard);
        var told = Assert.Single(Notified);
        Assert.Equal((0x88u, 6u, true, true), (told.Code, told.Observe, told.Payload.IsEmpty, told.Reason.Length > 0));
    }
}
