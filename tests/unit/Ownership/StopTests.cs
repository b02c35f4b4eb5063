using Contracts;
using Ingress;
using Pipeline.Tests.Ingress;
using Protocol.Coap;

namespace Pipeline.Tests.Ownership;

/// <summary>An Ingress that is told to stop ends what is under way, and begins nothing.</summary>
public sealed class StopTests
{
    readonly GatewayUnderTest _gateway = new();
    readonly DeviceGateway _core;

    public StopTests() => _core = _gateway.Log.Reader!;

    [Fact]
    public void What_Kafka_was_handed_is_answered_and_what_comes_new_is_left_to_the_next_process()
    {
        var id = _gateway.Register("ep1");
        var update = _gateway.Request(CoapCode.Post, "rd/" + id);
        _gateway.Receive(update);
        _core.Stop();
        Assert.False(_core.HasFinished);
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id));
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep2&lt=300"), GatewayUnderTest.Elsewhere);
        Assert.Equal(1, _gateway.Log.Handed);

        _gateway.Log.Settle();
        Assert.True(_core.HasFinished);
        var answer = _gateway.NextHex();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(Convert.FromHexString(answer)));
        Assert.Empty(_gateway.Sent);
        // A repetition of what was answered is answered alike.
        _gateway.Receive(update);
        Assert.Equal(answer, _gateway.NextHex());
        Assert.Equal(2, _gateway.Log.Uplink.Count());
    }

    [Fact]
    public void A_notification_that_Kafka_was_handed_is_acknowledged()
    {
        _gateway.Register("ep1");
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0/9"));
        _gateway.Log.Settle();
        var token = _gateway.AnswerNext("/3/0/9", CoapCode.Content, observe: 1);
        _gateway.Log.Settle();
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 7, token, observe: 2));
        _core.Stop();
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 8, token, observe: 3));
        _gateway.Log.Settle();
        Assert.Equal("60000007", _gateway.NextHex());
        Assert.Empty(_gateway.Sent);
    }

    [Fact]
    public void A_device_that_was_asked_may_answer_for_a_moment_and_nothing_else_is_asked()
    {
        _gateway.Register("ep1");
        _gateway.Operate(_gateway.Operation(OperationKind.Execute, "/3/0/4", "c1"));
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0", "c2"));
        _gateway.Log.Settle();
        var request = _gateway.NextRequest();
        _core.Stop();
        Assert.False(_core.HasFinished);
        // Acknowledged first, answered separately.
        _gateway.Receive([0x60, 0x00, (byte)(request.Id >> 8), (byte)request.Id]);
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Changed, 9, request.Token));
        Assert.False(_core.HasFinished && _gateway.Log.Handed == 0);
        _gateway.Log.Settle();
        Assert.True(_core.HasFinished);
        Assert.Equal("60000009", _gateway.NextHex());
        Assert.Empty(_gateway.Sent);
        Assert.Equal("c1", Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Outcome).Command.CommandId);
    }

    [Fact]
    public void Nobody_waits_long_for_a_device_that_does_not_answer()
    {
        _gateway.Register("ep1");
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0", "c1"));
        _gateway.NextRequest();
        _core.Stop();
        _gateway.Advance(TimeSpan.FromSeconds(1.5));
        Assert.False(_core.HasFinished);
        _gateway.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_core.HasFinished);
    }

    [Fact]
    public void Lifetimes_that_end_meanwhile_are_left_to_the_next_process()
    {
        _gateway.Register("ep1");
        _core.Stop();
        _gateway.Advance(TimeSpan.FromSeconds(310));
        Assert.Equal((0, true), (_gateway.Log.Handed, _core.HasFinished));
    }
}
