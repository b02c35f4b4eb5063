using Contracts;
using Ingress.Registrations;
using Pipeline.Tests.Ingress;
using Protocol.Coap;

namespace Pipeline.Tests.Ownership;

/// <summary>A notification is never answered RST because somebody has not read far enough.</summary>
public sealed class RestoreTests
{
    readonly FleetUnderTest _fleet = new();

    [Fact]
    public void A_notification_at_a_replica_that_has_not_read_its_session_waits_for_the_end_of_the_log()
    {
        var owner = _fleet.Start(0);
        var other = _fleet.Start(1);
        // The other lags: it reads nothing for now.
        var late = _fleet.Log.Reader!;
        _fleet.Log.Audience.Remove(late);
        _fleet.Log.Reader = null;
        var token = Observe(owner);
        Assert.Null(other.Node.Sessions.ByEndpoint("ep1"));

        other.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 7, token, observe: 2));
        Assert.Empty(other.Sent);
        // At the end of the log it knows the session, and adopts it.
        foreach (var entry in _fleet.Log.Entries.Where(e => e.Topic == "t.sessions").ToList())
            late.ReadSession(entry.Key, entry.Value);
        _fleet.Log.Audience.Add(late);
        _fleet.Log.Settle();
        Assert.Equal("60000007", other.NextHex());
        Assert.Equal((1u, 1), (_fleet.SessionOf("ep1").Slot, _fleet.EventsOf("ep1", EventKind.Notified)));
    }

    [Fact]
    public void Where_the_end_of_the_log_is_not_reached_in_time_there_is_silence_and_the_next_copy_is_asked_about_again()
    {
        var owner = _fleet.Start(0);
        var other = _fleet.Start(1);
        var late = _fleet.Log.Reader!;
        _fleet.Log.Audience.Remove(late);
        _fleet.Log.Reader = null;
        var notification = GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 7, Observe(owner), observe: 2);
        for (var copy = 0; copy < 3; copy++)
        {
            other.Receive(notification);
            _fleet.Log.AnswerQuestions(isReached: false);
            Assert.Empty(other.Sent);
        }
    }

    [Fact]
    public void A_token_that_we_gave_out_for_a_session_that_is_over_is_reset_at_the_end_of_the_log()
    {
        var gateway = _fleet.Start(0);
        var token = Observe(gateway);
        gateway.Receive(gateway.Request(CoapCode.Delete, "rd/" + Identifiers.ToText(_fleet.SessionOf("ep1").RegistrationId)));
        _fleet.Log.Settle();
        gateway.Sent.Clear();
        gateway.Receive(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 7, token, observe: 2));
        Assert.Empty(gateway.Sent);
        _fleet.Log.Settle();
        Assert.Equal("70000007", gateway.NextHex());
    }

    byte[] Observe(GatewayUnderTest gateway)
    {
        gateway.Register("ep1");
        gateway.Operate(gateway.Operation(OperationKind.Observe, "/3/0/9"));
        _fleet.Log.Settle();
        var token = gateway.AnswerNext("/3/0/9", CoapCode.Content, observe: 1);
        _fleet.Log.Settle();
        return token;
    }
}
