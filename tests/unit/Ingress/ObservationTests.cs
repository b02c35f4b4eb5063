using Contracts;
using Messaging;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

public sealed class ObservationTests
{
    readonly GatewayUnderTest _gateway = new();

    /// <summary>The device is observed at /3/0 and has answered with Observe 5; returns the token.</summary>
    byte[] Observe(string path = "/3/0", string id = "c1")
    {
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, path, id));
        _gateway.Log.Settle();
        var get = _gateway.Next();
        CoapFrame.TryParse(get, out var frame);
        var token = frame.Token.ToArray();
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Acknowledgement, CoapCode.Content, frame.MessageId, token, observe: 5, format: 11542, payload: [0xC1, 0x00, 0x01]));
        _gateway.Log.Settle();
        return token;
    }

    [Fact]
    public void The_token_of_an_observation_is_durable_before_its_GET_leaves()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0"));
        Assert.Equal(1, _gateway.Log.Handed);
        Assert.Empty(_gateway.Sent);
        _gateway.Log.Settle();
        CoapFrame.TryParse(_gateway.Next(), out var frame);
        Assert.Equal((CoapCode.Get, 0u), (frame.Code, frame.Observe));
        Assert.Equal(8, frame.Token.Length);
        Assert.Equal(frame.Token.ToArray(), Assert.Single(_gateway.Log.Sessions.Last().Observations).Token.ToByteArray());
    }

    [Fact]
    public void A_notification_is_acknowledged_when_Kafka_has_it_and_again_when_it_is_repeated()
    {
        _gateway.Register();
        var token = Observe();
        var notification = GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, token, observe: 6, format: 11542, payload: [0xC1, 0x00, 0x02]);
        _gateway.Receive(notification);
        _gateway.Receive(notification);
        Assert.Empty(_gateway.Sent);
        Assert.Equal(1, _gateway.Log.Handed);
        _gateway.Log.Settle();
        Assert.Equal("60007001", _gateway.NextHex());
        Assert.Empty(_gateway.Sent);
        _gateway.Receive(notification);
        Assert.Equal("60007001", _gateway.NextHex());

        var happened = Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Notified);
        Assert.Equal(("/3/0", 6u, 0x45u, 11542u, false), (happened.Path, happened.Observe, happened.Code, happened.ContentFormat, happened.Late));
        Assert.Equal("c1", happened.Command.CommandId);
        Assert.Equal([0xC1, 0x00, 0x02], happened.Payload.ToByteArray());
    }

    [Fact]
    public void A_NON_notification_is_delivered_and_not_acknowledged()
    {
        _gateway.Register();
        var token = Observe();
        _gateway.Receive(GatewayUnderTest.Response(CoapType.NonConfirmable, CoapCode.Content, 0x7001, token, observe: 6, payload: [1]));
        _gateway.Log.Settle();
        Assert.Empty(_gateway.Sent);
        Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Notified);
    }

    [Fact]
    public void What_is_not_fresh_is_delivered_as_late()
    {
        _gateway.Register();
        var token = Observe();
        foreach (var (mid, sequence) in new (ushort, uint)[] { (1, 8), (2, 7), (3, 9) })
            _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, mid, token, observe: sequence, payload: [1]));
        _gateway.Log.Settle();
        Assert.Equal([(8u, false), (7u, true), (9u, false)], _gateway.Log.Uplink.Where(e => e.Kind == EventKind.Notified).Select(e => (e.Observe, e.Late)));
        Assert.Equal(3, _gateway.Sent.Count);
    }

    [Fact]
    public void With_Kafka_away_a_notification_gets_silence_and_its_repetition_is_taken()
    {
        _gateway.Register();
        var token = Observe();
        var notification = GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, token, observe: 6, payload: [2]);
        _gateway.Log.Status = AppendStatus.BrokersAway;
        _gateway.Receive(notification);
        Assert.Empty(_gateway.Sent);
        _gateway.Log.Status = AppendStatus.Handed;
        _gateway.Receive(notification);
        _gateway.Log.Settle();
        Assert.Equal("60007001", _gateway.NextHex());
        Assert.False(Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Notified).Late);
    }

    [Fact]
    public void A_notification_with_a_foreign_token_is_rejected()
    {
        _gateway.Register();
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, [1, 2, 3, 4], observe: 6, payload: [2]));
        Assert.Equal("70007001", _gateway.NextHex());
    }

    [Fact]
    public void A_token_of_ours_that_is_not_known_is_rejected_only_at_the_end_of_the_log()
    {
        _gateway.Register();
        Span<byte> token = stackalloc byte[8];
        _gateway.Node.Identifiers.NextToken().CopyTo(token);
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, token, observe: 6, payload: [2]));
        Assert.Empty(_gateway.Sent);
        _gateway.Log.Settle();
        Assert.Equal("70007001", _gateway.NextHex());
    }

    [Fact]
    public void An_error_notification_is_reported_and_ends_the_observation()
    {
        _gateway.Register();
        var token = Observe();
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.NotFound, 0x7001, token));
        _gateway.Log.Settle();
        Assert.Equal("60007001", _gateway.NextHex());
        Assert.Equal(0x84u, Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Notified).Code);
        Assert.Empty(_gateway.Log.Sessions.Last().Observations);
    }

    [Fact]
    public void A_cancel_bears_the_token_of_the_observation_and_ends_it()
    {
        _gateway.Register();
        var token = Observe();
        _gateway.Operate(_gateway.Operation(OperationKind.CancelObservation, "/3/0", "c2"));
        Assert.Empty(_gateway.Sent);
        _gateway.Log.Settle();
        CoapFrame.TryParse(_gateway.Next(), out var frame);
        Assert.Equal(1u, frame.Observe);
        Assert.Equal(token, frame.Token.ToArray());

        // A notification that was under way is not the answer.
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, token, observe: 6, payload: [2]));
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Acknowledgement, CoapCode.Content, frame.MessageId, token, payload: [3]));
        _gateway.Log.Settle();
        Assert.Equal("60007001", _gateway.NextHex());
        Assert.Empty(_gateway.Log.Sessions.Last().Observations);
        Assert.Equal([3], _gateway.Log.Uplink.Single(e => e.Kind == EventKind.Outcome && e.Command.CommandId == "c2").Payload.ToByteArray());
    }

    [Fact]
    public void Observing_a_path_again_keeps_its_token()
    {
        _gateway.Register();
        Assert.Equal(Observe(), Observe(id: "c2"));
        Assert.Single(_gateway.Log.Sessions.Last().Observations);
    }

    [Fact]
    public void An_observation_that_the_device_refuses_is_forgotten()
    {
        _gateway.Register();
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0"));
        _gateway.Log.Settle();
        CoapFrame.TryParse(_gateway.Next(), out var frame);
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Acknowledgement, CoapCode.NotFound, frame.MessageId, frame.Token));
        _gateway.Log.Settle();
        Assert.Empty(_gateway.Log.Sessions.Last().Observations);
        Assert.Equal(0x84u, _gateway.Log.Uplink.Last().Code);
    }

    [Fact]
    public void A_restarted_gateway_knows_its_observations()
    {
        _gateway.Register();
        var token = Observe();
        var restarted = new GatewayUnderTest(_gateway.Log, _gateway.Time, epoch: 2, seed: 8);
        restarted.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, token, observe: 6, payload: [2]));
        restarted.Log.Settle();
        Assert.Equal("60007001", restarted.NextHex());
    }

    [Fact]
    public void Another_replica_that_hears_a_notification_delivers_it_and_adopts_the_session()
    {
        _gateway.Register();
        var token = Observe();
        var other = new GatewayUnderTest(_gateway.Log, _gateway.Time, slot: 1, epoch: 2, seed: 8);
        other.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, token, observe: 6, payload: [2]));
        other.Log.Settle();
        Assert.Equal("60007001", other.NextHex());
        Assert.Equal(1, other.Log.Registrations.Last().Slot);
        Assert.Equal(1, other.Node.Sessions.ByEndpoint("ep1")!.Slot);
    }

    [Fact]
    public void A_notification_from_another_address_gets_silence()
    {
        _gateway.Register();
        var token = Observe();
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 0x7001, token, observe: 6, payload: [2]), GatewayUnderTest.Elsewhere);
        _gateway.Log.Settle();
        Assert.Empty(_gateway.Sent);
        Assert.DoesNotContain(_gateway.Log.Uplink, e => e.Kind == EventKind.Notified);
    }
}
