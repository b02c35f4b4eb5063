using Contracts;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>Executes on the Server object that concern the session itself.</summary>
public sealed class ServerObjectTests
{
    readonly GatewayUnderTest _gateway = new();

    [Fact]
    public void A_device_that_was_disabled_is_left_alone_until_it_is_heard_again()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Execute, "/1/0/4"));
        _gateway.Log.Settle();
        _gateway.AnswerNext("/1/0/4", CoapCode.Changed);
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0", "c2"));
        _gateway.Advance(TimeSpan.FromSeconds(200));
        Assert.Empty(_gateway.Sent);
        Assert.DoesNotContain(_gateway.Log.Uplink, e => e.Command?.CommandId == "c2");

        _gateway.Register();
        _gateway.Log.Settle();
        Assert.Equal("/3/0/0", _gateway.NextRequest().Path);
    }

    [Theory]
    [InlineData("/1/0/8", CoapCode.Changed)]
    [InlineData("/1/0/9", CoapCode.Changed)]
    [InlineData("/3/0/4", CoapCode.Changed)]
    [InlineData("/1/0/4", CoapCode.MethodNotAllowed)]
    public void After_any_other_execute_the_next_command_follows_at_once(string path, CoapCode code)
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Execute, path));
        _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0", "c2"));
        _gateway.Log.Settle();
        _gateway.AnswerNext(path, code);
        _gateway.Log.Settle();
        Assert.Equal("/3/0/0", _gateway.NextRequest().Path);
    }

    [Fact]
    public void A_disabled_device_that_leaves_is_forgotten_like_any_other()
    {
        var id = _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Execute, "/1/0/4"));
        _gateway.Log.Settle();
        _gateway.AnswerNext("/1/0/4", CoapCode.Changed);
        _gateway.Receive(_gateway.Request(CoapCode.Delete, "rd/" + id));
        _gateway.Log.Settle();
        Assert.Equal("2.02", GatewayUnderTest.CodeOf(_gateway.Next()));
        Assert.Null(_gateway.Node.Sessions.ByEndpoint("ep1")!.Operations);
    }
}
