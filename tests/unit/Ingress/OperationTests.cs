using Contracts;
using Messaging;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

public sealed class OperationTests
{
    readonly GatewayUnderTest _gateway = new();

    UplinkEvent OutcomeOf(string id) => Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Outcome && e.Command.CommandId == id);

    byte[] Answer(byte[] request, CoapCode code, byte[]? payload = null)
    {
        CoapFrame.TryParse(request, out var frame);
        return GatewayUnderTest.Response(CoapType.Acknowledgement, code, frame.MessageId, frame.Token, payload: payload);
    }

    [Theory]
    // Header and token left out: options and payload as the reference frames have them.
    [InlineData(OperationKind.Read, "/3/0/0", null, null, "01", "b13301300130")]
    [InlineData(OperationKind.Discover, "/3/0/7", 40, null, "01", "b1330130013761" + "28")]
    [InlineData(OperationKind.WriteReplace, "/3/0/13", null, "c20d3039", "03", "b1330130023133122d16ffc20d3039")]
    [InlineData(OperationKind.Delete, "/5/0", null, null, "04", "b1350130")]
    public void Requests_bear_the_bytes_of_the_protocol(OperationKind kind, string path, int? accept, string? payload, string code, string rest)
    {
        _gateway.Register();
        var operation = _gateway.Operation(kind, path, payload: payload is null ? null : Convert.FromHexString(payload));
        if (accept is { } format)
            operation.Accept = (uint)format;
        _gateway.Operate(operation);
        var request = _gateway.Next();
        Assert.Equal("48" + code, Convert.ToHexStringLower(request[..2]));
        Assert.Equal(rest, Convert.ToHexStringLower(request[12..]));
    }

    [Fact]
    public void An_alternate_path_goes_before_every_path_segment_by_segment()
    {
        _gateway.Register(objects: "</a/b>;rt=oma.lwm2m,</a/b/3/0>");
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0"));
        Assert.Equal("b16101620133013001" + "30", Convert.ToHexStringLower(_gateway.Next()[12..]));
    }

    [Fact]
    public void A_piggybacked_answer_is_the_outcome()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0"));
        _gateway.Receive(Answer(_gateway.Next(), CoapCode.Content, [1, 2]));
        _gateway.Log.Settle();
        var outcome = OutcomeOf("c1");
        Assert.Equal((Outcome.Answered, 0x45u, "/3/0/0"), (outcome.Outcome, outcome.Code, outcome.Path));
        Assert.Equal([1, 2], outcome.Payload.ToByteArray());
        Assert.Empty(_gateway.Sent);
    }

    [Fact]
    public void A_separate_answer_is_acknowledged_when_its_outcome_is_durable_and_when_it_is_repeated()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0"));
        CoapFrame.TryParse(_gateway.Next(), out var request);
        _gateway.Receive([0x60, 0, (byte)(request.MessageId >> 8), (byte)request.MessageId]);
        _gateway.Log.Settle();
        Assert.Equal(EventKind.Acknowledged, _gateway.Log.Uplink.Last().Kind);

        var separate = GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x0777, request.Token, payload: [9]);
        _gateway.Receive(separate);
        Assert.Empty(_gateway.Sent);
        _gateway.Log.Settle();
        Assert.Equal("60000777", _gateway.NextHex());
        _gateway.Receive(separate);
        Assert.Equal("60000777", _gateway.NextHex());
        Assert.Equal([9], OutcomeOf("c1").Payload.ToByteArray());
    }

    [Fact]
    public void An_unanswered_request_is_sent_five_times_and_times_out()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0"));
        var first = _gateway.NextHex();
        _gateway.Advance(TimeSpan.FromSeconds(100));
        _gateway.Log.Settle();
        Assert.Equal(Enumerable.Repeat(first, 4), _gateway.Sent.Select(s => Convert.ToHexStringLower(s.Datagram)));
        Assert.Equal(Outcome.TimedOut, OutcomeOf("c1").Outcome);
    }

    [Fact]
    public void A_reset_is_the_outcome_and_harms_nothing()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0"));
        CoapFrame.TryParse(_gateway.Next(), out var request);
        _gateway.Receive([0x70, 0, (byte)(request.MessageId >> 8), (byte)request.MessageId]);
        _gateway.Log.Settle();
        Assert.Equal(Outcome.Reset, OutcomeOf("c1").Outcome);
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0", "c2"));
        Assert.Single(_gateway.Sent);
    }

    [Fact]
    public void Commands_of_one_device_go_one_at_a_time_in_order()
    {
        _gateway.Register();
        for (var i = 0; i < 3; i++)
            _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/" + i, "c" + i));
        for (var i = 0; i < 3; i++)
        {
            var request = _gateway.Next();
            Assert.Empty(_gateway.Sent);
            Assert.Equal((byte)('0' + i), request[^1]);
            _gateway.Receive(Answer(request, CoapCode.Content));
        }
    }

    [Fact]
    public void An_operation_handed_over_twice_is_carried_out_once()
    {
        _gateway.Register();
        var read = _gateway.Operation(OperationKind.Read, "/3/0/0");
        _gateway.Operate(read);
        _gateway.Operate(read.Clone());
        Assert.Single(_gateway.Sent);
        _gateway.Receive(Answer(_gateway.Next(), CoapCode.Content));
        _gateway.Operate(read.Clone());
        _gateway.Log.Settle();
        Assert.Empty(_gateway.Sent);
        OutcomeOf("c1");
    }

    [Fact]
    public void An_execute_leaves_only_after_its_id_is_durable()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Execute, "/3/0/4"));
        Assert.Empty(_gateway.Sent);
        Assert.Equal("c1", Assert.Single(SessionRecord.Parser.ParseFrom(_gateway.Log.TakeOne().Value).Started).CommandId);
        Assert.Single(_gateway.Sent);
    }

    [Fact]
    public void An_execute_that_a_dead_process_has_started_is_not_started_anew()
    {
        _gateway.Register();
        var execute = _gateway.Operation(OperationKind.Execute, "/3/0/4");
        _gateway.Operate(execute);
        _gateway.Log.Settle();
        var restarted = new GatewayUnderTest(_gateway.Log, _gateway.Time, epoch: 2, seed: 8);
        restarted.Operate(execute.Clone());
        restarted.Log.Settle();
        Assert.Empty(restarted.Sent);
        Assert.Equal(Outcome.Unknown, OutcomeOf("c1").Outcome);
    }

    [Fact]
    public void A_read_that_a_dead_process_has_sent_is_sent_again()
    {
        _gateway.Register();
        var read = _gateway.Operation(OperationKind.Read, "/3/0/4");
        _gateway.Operate(read);
        var restarted = new GatewayUnderTest(_gateway.Log, _gateway.Time, epoch: 2, seed: 8);
        restarted.Operate(read.Clone());
        Assert.Single(restarted.Sent);
    }

    [Fact]
    public void What_comes_after_the_end_of_the_registration_ends_at_once()
    {
        var location = _gateway.Register();
        _gateway.Receive(_gateway.Request(CoapCode.Delete, "rd/" + location));
        _gateway.Log.Settle();
        _gateway.Sent.Clear();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0"));
        _gateway.Log.Settle();
        Assert.Equal(Outcome.NotRegistered, OutcomeOf("c1").Outcome);
        Assert.Empty(_gateway.Sent);
    }

    [Fact]
    public void What_waits_beyond_the_bound_is_refused()
    {
        _gateway.Configuration = _gateway.Configuration with { Ingress = new() { MaxQueuedCommands = 2 } };
        _gateway.Register();
        for (var i = 0; i < 4; i++)
            _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0", "c" + i));
        _gateway.Log.Settle();
        var refused = OutcomeOf("c3");
        Assert.Equal(Outcome.QueueFull, refused.Outcome);
        Assert.StartsWith("queue full", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_overdue_before_it_is_sent_expires()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0", "c1"));
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/1", "c2", within: TimeSpan.FromSeconds(10)));
        _gateway.Advance(TimeSpan.FromSeconds(11));
        _gateway.Log.Settle();
        Assert.Equal(Outcome.NeverSent, OutcomeOf("c2").Outcome);
    }

    [Fact]
    public void An_operation_for_a_device_that_is_not_here_is_left_to_its_owner()
    {
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0", endpoint: "other"));
        _gateway.Log.Settle();
        Assert.Empty(_gateway.Log.Entries);
        Assert.Empty(_gateway.Sent);
    }

    [Fact]
    public void An_outcome_that_Kafka_does_not_take_is_kept()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0"));
        var request = _gateway.Next();
        _gateway.Log.Status = AppendStatus.QueueFull;
        _gateway.Receive(Answer(request, CoapCode.Content));
        _gateway.Advance(TimeSpan.FromSeconds(2));
        _gateway.Log.Status = AppendStatus.Handed;
        _gateway.Advance(TimeSpan.FromSeconds(1));
        _gateway.Log.Settle();
        OutcomeOf("c1");
    }

    [Fact]
    public void A_sleeping_device_is_asked_when_it_wakes()
    {
        var id = _gateway.Register(query: "&lt=300&b=UQ");
        _gateway.Advance(TimeSpan.FromSeconds(30));
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0"));
        Assert.Empty(_gateway.Sent);
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id));
        _gateway.Log.Settle();
        Assert.Equal(2, _gateway.Sent.Count);
    }

    [Fact]
    public void A_device_that_registers_anew_is_asked_again()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0"));
        _gateway.Next();
        _gateway.Register();
        Assert.Equal("01", _gateway.NextHex()[2..4]);
    }

    [Fact]
    public void A_kick_cancels_what_waits_and_ends_the_registration()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0", "c1"));
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0", "c2"));
        _gateway.Operate(_gateway.Operation(OperationKind.Kick, "/", "k"));
        _gateway.Log.Settle();
        Assert.Equal(Outcome.Cancelled, OutcomeOf("c2").Outcome);
        Assert.Equal(0x42u, OutcomeOf("k").Code);
        Assert.Equal("gone", _gateway.Log.Registrations.Last().State);
    }
}
