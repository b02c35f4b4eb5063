using System.Net;
using System.Text;
using Contracts;
using Contracts.Configuration;
using Ingress.Access;
using Ingress.Sockets;
using Microsoft.Extensions.Time.Testing;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>Registers that somebody is asked about, and registrations whose permissions change.</summary>
public sealed class AdmissionTests
{
    readonly PlayedAdmission _asked = new();
    readonly GatewayUnderTest _gateway;

    public AdmissionTests() => _gateway = new GatewayUnderTest(admission: _asked);

    [Fact]
    public void A_device_is_let_in_as_whom_the_authenticator_knows_it()
    {
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300&imei=7&device_id=8&password=secret", "</1/0>"));
        Assert.Empty(_gateway.Sent);
        Assert.Equal((0, 0), (_gateway.Log.Handed, _gateway.Node.Sessions.Count));
        var question = _asked.Admit(attributes: ("tenant", "blue"));
        Assert.Equal(("ep1", "8", "7", "secret", "192.0.2.1", "udp:default"),
            (question.Endpoint, question.Client.Clientid, question.Client.Username, question.Password, question.Client.Peerhost, question.Client.Listener));
        Assert.DoesNotContain("secret", question.ToString(), StringComparison.Ordinal);
        _gateway.Log.Settle();
        GatewayUnderTest.LocationOf(_gateway.Next());
        Assert.Equal("blue", Assert.Single(_gateway.Log.Registrations).Client.ClientAttrs["tenant"]);
        var happened = Assert.Single(_gateway.Log.Uplink);
        Assert.Equal(("blue", "7"), (happened.Client.ClientAttrs["tenant"], happened.Client.Username));
        Assert.DoesNotContain(happened.Registration.Parameters, p => p.Value == "secret");
    }

    [Fact]
    public void A_device_that_is_turned_away_is_told_why_and_leaves_no_trace()
    {
        var register = _gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</1/0>");
        _gateway.Receive(register);
        _asked.Refuse("not authorized: no such user");
        var answer = _gateway.Next();
        CoapFrame.TryParse(answer, out var frame);
        Assert.Equal(("4.03", "not authorized: no such user"), (frame.Code.Dotted, Encoding.UTF8.GetString(frame.Payload)));
        Assert.Equal((0, 0), (_gateway.Log.Handed, _gateway.Node.Sessions.Count));
        // The answer may have been lost: the same again, and nobody is asked.
        _gateway.Receive(register);
        Assert.Equal(answer, _gateway.Next());
        Assert.Equal(0, _asked.Open);
    }

    [Fact]
    public void An_open_question_is_not_asked_twice()
    {
        var register = _gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</1/0>");
        _gateway.Receive(register);
        _gateway.Receive(register);
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=301", "</1/0>"));
        Assert.Equal((1, 1), (_asked.Open, _gateway.Levels.Asking));
        _asked.Admit();
        _gateway.Log.Settle();
        GatewayUnderTest.LocationOf(_gateway.Next());
        Assert.Empty(_gateway.Sent);
        Assert.Equal(300, Assert.Single(_gateway.Log.Registrations).Lifetime);
    }

    [Fact]
    public void Where_nobody_answers_the_device_comes_again_and_Kafka_was_given_nothing()
    {
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</1/0>"));
        _asked.BeAway();
        Assert.Equal("5.03", GatewayUnderTest.CodeOf(_gateway.Next()));
        Assert.Equal(0, _gateway.Log.Handed);
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</1/0>"));
        _asked.Admit();
        _gateway.Log.Settle();
        GatewayUnderTest.LocationOf(_gateway.Next());
    }

    [Fact]
    public void A_registered_device_is_served_while_somebody_is_asked_about_its_endpoint()
    {
        var id = Registered();
        var thief = Peer.From(new IPEndPoint(IPAddress.Parse("198.51.100.7"), 7), 0);
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</1/0>"), thief);
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id, "lt=600"));
        _gateway.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(_gateway.Next()));
        _asked.Refuse("no");
        Assert.Equal("4.03", GatewayUnderTest.CodeOf(_gateway.Next()));
        Assert.Equal((id, "live"), (_gateway.Log.Registrations.Last().RegistrationId, _gateway.Log.Registrations.Last().State));
    }

    [Fact]
    public void A_verdict_that_comes_while_the_session_is_busy_waits_with_its_message()
    {
        var id = Registered();
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=400", "</1/0>"));
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id, "lt=600"));
        _asked.Admit();
        _gateway.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(_gateway.Next()));
        GatewayUnderTest.LocationOf(_gateway.Next());
        Assert.Equal((0, 400L), (_asked.Open, _gateway.Log.Registrations.Last().Lifetime));
    }

    [Fact]
    public void A_lost_answer_is_given_again_by_another_process_without_a_question()
    {
        var register = _gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300", "</1/0>");
        _gateway.Receive(register);
        _asked.Admit(attributes: ("tenant", "blue"));
        _gateway.Log.Settle();
        var id = GatewayUnderTest.LocationOf(_gateway.Next());
        var other = new GatewayUnderTest(_gateway.Log, _gateway.Time, admission: _asked);
        other.Receive(register);
        other.Log.Settle();
        Assert.Equal((0, id), (_asked.Open, GatewayUnderTest.LocationOf(other.Next())));
    }

    [Fact]
    public void Failures_and_not_successes_are_limited_by_source()
    {
        // A fleet behind one address.
        for (var port = 1; port <= 300; port++)
            Registered("ok" + port, Port(port));
        for (var i = 0; i < FailureLimit.Most; i++)
        {
            _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=bad&lt=300"), Port(1000 + i));
            _asked.Refuse("no");
            Assert.Equal("4.03", GatewayUnderTest.CodeOf(_gateway.Next()));
        }

        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=bad&lt=300"), Port(2000));
        Assert.Equal(("5.03", 0), (GatewayUnderTest.CodeOf(_gateway.Next()), _asked.Open));
        // Who is known, and who is elsewhere, goes on; a second later there is one more try.
        Registered("ok1", Port(1));
        Registered("far", Peer.From(new IPEndPoint(IPAddress.Parse("2001:db8::1"), 1), 0));
        _gateway.Advance(TimeSpan.FromSeconds(1.5));
        Registered("late", Port(3000));
    }

    [Fact]
    public void What_is_known_of_failures_is_forgotten()
    {
        var limit = new FailureLimit();
        for (var host = 0; host < 100_000; host++)
            limit.Fail(Peer.From(new IPEndPoint(new IPAddress(0x0A000000 + host), 1), 0), host / 1000);
        Assert.InRange(limit.Count, 1, 1 << 16);
        limit.Sweep(2_000_000);
        Assert.Equal(0, limit.Count);
    }

    [Fact]
    public void Questions_are_bounded()
    {
        for (var port = 1; port <= 1500; port++)
            _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", $"ep=e{port}&lt=300"), Port(port));
        Assert.Equal((1024, 476), (_asked.Open, _gateway.Sent.Count));
        Assert.All(_gateway.Sent, s => Assert.Equal("5.03", GatewayUnderTest.CodeOf(s.Datagram)));
    }

    [Fact]
    public void An_admission_that_ends_ends_the_registration_however_alive_the_device_is()
    {
        var until = _gateway.Time.GetUtcNow().AddMinutes(10).ToUnixTimeMilliseconds();
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=3000", "</1/0>"));
        _asked.Admit(untilMs: until);
        _gateway.Log.Settle();
        var id = GatewayUnderTest.LocationOf(_gateway.Next());
        _gateway.Advance(TimeSpan.FromMinutes(9));

        // A restart in between changes nothing.
        var restarted = new GatewayUnderTest(_gateway.Log, _gateway.Time, admission: _asked);
        restarted.Receive(restarted.Request(CoapCode.Post, "rd/" + id));
        restarted.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(restarted.Next()));
        restarted.Advance(TimeSpan.FromSeconds(61));
        restarted.Log.Settle();
        var expired = restarted.Log.Uplink.Last();
        Assert.Equal((EventKind.Expired, "admission expired"), (expired.Kind, expired.Reason));
        Assert.Equal("gone", restarted.Log.Registrations.Last().State);
    }

    [Fact]
    public void What_a_device_may_not_do_stands_in_its_session_its_registration_and_all_its_events()
    {
        Register(Denied.Notify | Denied.Command, authorizedMs: 1);
        Assert.Equal((uint)(Denied.Notify | Denied.Command), _gateway.Log.Sessions.Last().Denied);
        Assert.Equal((uint)(Denied.Notify | Denied.Command), _gateway.Log.Registrations.Last().Denied);
        Assert.Equal((uint)(Denied.Notify | Denied.Command), _gateway.Log.Uplink.Last().Denied);
        _gateway.Receive(_gateway.Request(CoapCode.Delete, "rd/" + _gateway.Log.Registrations.Last().RegistrationId));
        _gateway.Log.Settle();
        Assert.Equal((uint)(Denied.Notify | Denied.Command), _gateway.Log.Uplink.Last().Denied);
    }

    [Fact]
    public void A_verdict_is_asked_for_again_and_written_only_where_it_changed()
    {
        Register(Denied.Notify);
        var written = _gateway.Log.Sessions.Count();
        _gateway.Advance(TimeSpan.FromMinutes(14));
        Assert.Equal(0, _asked.Open);
        _gateway.Advance(TimeSpan.FromMinutes(1));
        var question = _asked.Admit(Denied.Notify);
        Assert.True(question.IsReview);
        Assert.Null(question.Password);
        Assert.Equal((0, written), (_gateway.Log.Handed, _gateway.Log.Sessions.Count()));

        _gateway.Advance(TimeSpan.FromMinutes(15));
        _asked.BeAway();
        Assert.Equal((uint)Denied.Notify, _gateway.Log.Registrations.Last().Denied);

        _gateway.Advance(TimeSpan.FromMinutes(15));
        _asked.Admit(Denied.Nothing, authorizedMs: 77);
        _gateway.Log.Settle();
        Assert.Equal((0u, 77L), (_gateway.Log.Sessions.Last().Denied, _gateway.Log.Sessions.Last().AuthorizedMs));
        Assert.Equal((0u, "live"), (_gateway.Log.Registrations.Last().Denied, _gateway.Log.Registrations.Last().State));
        Assert.Equal(0, _asked.Open);
    }

    [Fact]
    public void A_review_that_refuses_ends_the_registration()
    {
        Register(Denied.Nothing);
        _gateway.Advance(TimeSpan.FromMinutes(15));
        _asked.Refuse("not authorized: publish x");
        _gateway.Log.Settle();
        Assert.Equal((EventKind.Expired, "not authorized: publish x"), (_gateway.Log.Uplink.Last().Kind, _gateway.Log.Uplink.Last().Reason));
    }

    [Fact]
    public void Superusers_are_not_reviewed_and_old_verdicts_end_with_the_sources()
    {
        _asked.HasSources = true;
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=80000"));
        _asked.Admit(superuser: true);
        _gateway.Log.Settle();
        _gateway.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, _asked.Open);
        Register(Denied.Notify, endpoint: "ep2");

        // After a restart there are no sources any more.
        _asked.HasSources = false;
        var restarted = new GatewayUnderTest(_gateway.Log, _gateway.Time, admission: _asked);
        restarted.Advance(TimeSpan.FromMinutes(16));
        restarted.Log.Settle();
        Assert.Equal((0, "ep2", 0u), (_asked.Open, restarted.Log.Registrations.Last().Endpoint, restarted.Log.Registrations.Last().Denied));
    }

    [Fact]
    public void A_device_that_moves_with_an_old_verdict_is_asked_about_at_once()
    {
        var id = Register(Denied.Nothing);
        _gateway.Advance(TimeSpan.FromMinutes(15));
        _asked.BeAway();
        Update();
        Assert.Equal(0, _asked.Open);
        Update(GatewayUnderTest.Elsewhere);
        _gateway.Advance(TimeSpan.FromSeconds(1));
        var question = _asked.Admit(Denied.Notify);
        Assert.Equal(("2001:db8::2", "192.0.2.1"), (question.Peerhost, question.Client.Peerhost));
        _gateway.Log.Settle();
        Assert.Equal((uint)Denied.Notify, _gateway.Log.Registrations.Last().Denied);

        void Update(Peer? from = null)
        {
            _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id), from);
            _gateway.Log.Settle();
            Assert.Equal("2.04", GatewayUnderTest.CodeOf(_gateway.Next()));
        }
    }

    [Theory]
    [InlineData("${imei}", "u-${endpoint_name}", "7", "u-ep1", "ep1")]
    [InlineData("${username}@${peerhost}", null, "7@192.0.2.1", "8", "pw")]
    public void Overrides_are_in_force(string username, string? clientid, string expectedUsername, string expectedClientid, string expectedPassword)
    {
        Override(new ClientInfoOverride { Username = username, Clientid = clientid, Password = clientid is null ? null : "${endpoint_name}" });
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300&imei=7&device_id=8&password=pw"));
        var question = _asked.Admit();
        // The first template has a placeholder that nothing stands for.
        Assert.Equal((expectedUsername, expectedClientid, expectedPassword), (question.Client.Username, question.Client.Clientid, question.Password));
    }

    [Fact]
    public void An_override_that_makes_no_name_is_refused()
    {
        Override(new ClientInfoOverride { Username = "a/${username}" });
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300"));
        Assert.Equal(("4.00", 0), (GatewayUnderTest.CodeOf(_gateway.Next()), _asked.Open));
    }

    void Override(ClientInfoOverride replaced) => _gateway.Configuration = new GatewayConfiguration { Lwm2m = new Lwm2mOptions { ClientInfoOverride = replaced } };

    string Register(Denied denied, long? authorizedMs = null, string endpoint = "ep1")
    {
        _asked.HasSources = true;
        _gateway.Sent.Clear();
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", $"ep={endpoint}&lt=80000", "</1/0>"));
        _asked.Admit(denied, authorizedMs: authorizedMs ?? _gateway.Time.GetUtcNow().ToUnixTimeMilliseconds());
        _gateway.Log.Settle();
        return GatewayUnderTest.LocationOf(_gateway.Next());
    }

    string Registered(string endpoint = "ep1", Peer? from = null)
    {
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", $"ep={endpoint}&lt=300", "</1/0>"), from);
        _asked.Admit();
        _gateway.Log.Settle();
        return GatewayUnderTest.LocationOf(_gateway.Next());
    }

    static Peer Port(int port) => Peer.From(new IPEndPoint(IPAddress.Parse("192.0.2.1"), port), 0);
}
