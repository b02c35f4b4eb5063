using Contracts;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>Composite operations between gateway and device.</summary>
public sealed class CompositeTests
{
    const string List = "[/1/0,/3/0/0]";
    const string Asked = "82a100642f312f30a100662f332f302f30";

    readonly GatewayUnderTest _gateway = new();

    DownlinkOperation Ask(OperationKind kind, string id = "c1", string payload = Asked)
    {
        var operation = _gateway.Operation(kind, List, id, payload: Convert.FromHexString(payload));
        operation.ContentFormat = 112;
        operation.Accept = 112;
        return operation;
    }

    byte[] Observe(string id = "c1")
    {
        _gateway.Operate(Ask(OperationKind.Observe, id));
        _gateway.Log.Settle();
        var token = _gateway.AnswerNext("", CoapCode.Content, observe: 5, payload: [1]);
        _gateway.Log.Settle();
        return token;
    }

    [Theory]
    // Header and token left out. FETCH or iPATCH on the root; Observe, Content-Format 112, Accept 112.
    [InlineData(OperationKind.Read, "/", "05", "c170" + "5170" + "ff" + Asked)]
    [InlineData(OperationKind.Observe, "/", "05", "60" + "6170" + "5170" + "ff" + Asked)]
    [InlineData(OperationKind.CancelObservation, "/", "05", "6101" + "6170" + "5170" + "ff" + Asked)]
    [InlineData(OperationKind.WriteComposite, "/", "07", "c170" + "5170" + "ff" + Asked)]
    [InlineData(OperationKind.Read, "/a", "05", "b161" + "1170" + "5170" + "ff" + Asked)]
    public void Requests_go_to_the_root_and_name_their_paths_in_the_payload(OperationKind kind, string root, string code, string rest)
    {
        _gateway.Register(objects: $"<{root}>;rt=oma.lwm2m,<{root.TrimEnd('/')}/3/0>");
        _gateway.Operate(Ask(kind));
        _gateway.Log.Settle();
        var request = _gateway.Next();
        Assert.Equal("48" + code, Convert.ToHexStringLower(request[..2]));
        Assert.Equal(rest, Convert.ToHexStringLower(request[12..]));
    }

    [Fact]
    public void An_observation_of_several_paths_is_told_with_them_and_cancelled_as_it_was_asked_for()
    {
        _gateway.Register();
        var token = Observe();
        Assert.Equal([List], _gateway.Log.Registrations.Last().Observations);
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, token, observe: 6, format: 112, payload: [1]));
        _gateway.Log.Settle();
        Assert.Equal("60007001", _gateway.NextHex());
        Assert.Equal((EventKind.Notified, List, "c1", 6u), (_gateway.Log.Uplink.Last().Kind, _gateway.Log.Uplink.Last().Path, _gateway.Log.Uplink.Last().Command.CommandId, _gateway.Log.Uplink.Last().Observe));

        // The same paths, in another format: all options are those of the Observe (RFC 7641 section 3.6).
        var cancel = Ask(OperationKind.CancelObservation, "c2", "80");
        (cancel.ContentFormat, cancel.Accept) = (110, 110);
        _gateway.Operate(cancel);
        _gateway.Log.Settle();
        var request = _gateway.Next();
        Assert.Equal(Convert.ToHexStringLower(token), Convert.ToHexStringLower(request[4..12]));
        Assert.Equal("6101" + "6170" + "5170" + "ff" + Asked, Convert.ToHexStringLower(request[12..]));
    }

    [Fact]
    public void The_query_of_an_Observe_stands_in_its_cancellation_too()
    {
        _gateway.Register();
        var observe = _gateway.Operation(OperationKind.Observe, "/3/0");
        observe.Queries.Add("pmin=5");
        _gateway.Operate(observe);
        _gateway.Log.Settle();
        _gateway.AnswerNext("/3/0", CoapCode.Content, observe: 5, payload: [1]);
        _gateway.Log.Settle();
        _gateway.Operate(_gateway.Operation(OperationKind.CancelObservation, "/3/0", "c2"));
        _gateway.Log.Settle();
        Assert.Equal("6101" + "5133" + "0130" + "46" + Convert.ToHexStringLower("pmin=5"u8), Convert.ToHexStringLower(_gateway.Next()[12..]));
    }

    [Fact]
    public void A_new_registration_is_asked_for_all_the_paths_again()
    {
        _gateway.Register();
        var old = Observe();
        _gateway.Register();
        _gateway.Log.Settle();
        Assert.Equal("60" + "6170" + "5170" + "ff" + Asked, Convert.ToHexStringLower(_gateway.Sent.Peek().Datagram[12..]));
        Assert.NotEqual(old, _gateway.AnswerNext("", CoapCode.Content, observe: 9, payload: [7]));
        _gateway.Log.Settle();
        var told = _gateway.Log.Uplink.Last();
        Assert.Equal((EventKind.Notified, List, "c1"), (told.Kind, told.Path, told.Command.CommandId));
    }

    [Fact]
    public void It_outlives_the_process_that_began_it()
    {
        _gateway.Register();
        var token = Observe();
        var successor = _gateway.Successor();
        successor.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, token, observe: 6, format: 112, payload: [1]));
        successor.Log.Settle();
        Assert.Equal("60007001", successor.NextHex());
        Assert.Equal((List, "c1"), (successor.Log.Uplink.Last().Path, successor.Log.Uplink.Last().Command.CommandId));
    }

    [Fact]
    public void One_path_alone_and_the_same_path_in_a_list_are_two_observations()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0/0"));
        _gateway.Log.Settle();
        var single = _gateway.AnswerNext("/3/0/0", CoapCode.Content, observe: 5, payload: [1]);
        _gateway.Log.Settle();
        var composite = _gateway.Operation(OperationKind.Observe, "[/3/0/0]", "c2", payload: [0x81, 0xA1, 0, 0x66]);
        _gateway.Operate(composite);
        _gateway.Log.Settle();
        Assert.NotEqual(single, _gateway.AnswerNext("", CoapCode.Content, observe: 5, payload: [1]));
        _gateway.Log.Settle();
        Assert.Equal(["/3/0/0", "[/3/0/0]"], _gateway.Log.Registrations.Last().Observations);
    }

    [Fact]
    public void The_rest_of_an_answer_in_blocks_is_asked_for_with_the_same_paths()
    {
        _gateway.Register();
        _gateway.Operate(Ask(OperationKind.Read));
        CoapFrame.TryParse(_gateway.Next(), out var request);
        var block = new byte[64];
        var writer = new CoapWriter(block, CoapType.Acknowledgement, CoapCode.Content, request.MessageId, request.Token);
        writer.AddOption(CoapOptionNumber.ContentFormat, 112u);
        writer.AddOption(CoapOptionNumber.Block2, 0x08u);
        writer.AddPayload(new byte[16]);
        Assert.True(writer.TryFinish(out var length));
        _gateway.Receive(block[..length]);
        _gateway.Log.Settle();
        // Content-Format, Accept, Block2 1/0/16.
        Assert.Equal("c170" + "5170" + "6110" + "ff" + Asked, Convert.ToHexStringLower(_gateway.Next()[12..]));
    }

    [Fact]
    public void A_composite_write_may_be_sent_again_and_is_not_marked_as_started()
    {
        _gateway.Register();
        _gateway.Operate(Ask(OperationKind.WriteComposite));
        Assert.Single(_gateway.Sent);
        Assert.Empty(_gateway.Log.Sessions.Last().Started);
    }
}
