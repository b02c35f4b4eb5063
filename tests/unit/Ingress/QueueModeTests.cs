using Contracts;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>Devices that sleep: EMQX's rules where they are sound, LwM2M Core 1.1 section 6.2.1.2 and 6.5 elsewhere.</summary>
public sealed class QueueModeTests
{
    static readonly TimeSpan Window = TimeSpan.FromSeconds(22);

    readonly GatewayUnderTest _gateway = new();

    UplinkEvent OutcomeOf(string id) => Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Outcome && e.Command.CommandId == id);

    void Read(string id, int priority = 0, TimeSpan? within = null, bool immediate = false)
    {
        var read = _gateway.Operation(OperationKind.Read, "/" + id, id, within: within);
        read.Priority = priority;
        read.Immediate = immediate;
        _gateway.Operate(read);
    }

    void Update(string id, string query = "")
    {
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id, query));
        _gateway.Log.Settle();
        Assert.Equal("2.04", GatewayUnderTest.CodeOf(_gateway.Next()));
    }

    [Theory]
    [InlineData("&b=UQ", true)]
    [InlineData("&b=SQ", true)]
    [InlineData("&b=UQS", true)]
    [InlineData("&b=UQSQ", true)]
    [InlineData("&b=U&lwm2m=1.1&Q", true)]
    [InlineData("&lwm2m=1.1&Q", true)]
    [InlineData("&apn=Ctnb", true)]
    [InlineData("&apn=psmA.eDRX0.ctnb", true)]
    [InlineData("&apn=psmC.eDRX0.ctnb", true)]
    [InlineData("&apn=psmF.eDRXC.ctnb&b=U", true)]
    [InlineData("&apn=ctnb", false)]
    [InlineData("&b=U", false)]
    [InlineData("&b=US", false)]
    [InlineData("&lwm2m=1.1", false)]
    [InlineData("", false)]
    public void A_device_says_in_one_of_many_ways_that_it_sleeps(string query, bool sleeps)
    {
        _gateway.Register(query: "&lt=300" + query);
        Assert.Equal(sleeps, _gateway.Log.Registrations.Last().QueueMode);
        _gateway.Advance(Window);
        Read("1");
        Assert.Equal(sleeps ? 0 : 1, _gateway.Sent.Count);
    }

    [Fact]
    public void Within_its_window_a_device_is_asked_at_once()
    {
        _gateway.Register(query: "&lt=300&b=UQ");
        _gateway.Advance(Window - TimeSpan.FromSeconds(1));
        Read("1");
        Assert.Single(_gateway.Sent);
    }

    [Fact]
    public void The_window_is_as_long_as_configured_now()
    {
        _gateway.Register(query: "&lt=300&b=UQ");
        _gateway.Advance(Window);
        _gateway.Configuration = _gateway.Configuration with { Lwm2m = _gateway.Configuration.Lwm2m with { QmodeTimeWindow = TimeSpan.FromSeconds(60) } };
        Read("1");
        Assert.Single(_gateway.Sent);
    }

    [Fact]
    public void What_was_held_goes_one_at_a_time_the_urgent_first_with_the_next_sign_of_life()
    {
        var id = _gateway.Register(query: "&lt=300&b=UQ");
        _gateway.Advance(Window);
        Read("1");
        Read("2", priority: 5);
        Read("3", priority: 5);
        Read("4", priority: -1);
        Assert.Empty(_gateway.Sent);
        Update(id);
        foreach (var next in new[] { "/2", "/3", "/1", "/4" })
        {
            Assert.Single(_gateway.Sent);
            _gateway.AnswerNext(next, CoapCode.Content);
        }
    }

    [Theory]
    [InlineData("40000001")] // a ping
    [InlineData("51010002aa")] // NON GET /
    public void Any_message_is_a_sign_of_life(string datagram)
    {
        _gateway.Register(query: "&lt=300&b=UQ");
        _gateway.Advance(Window);
        Read("1");
        _gateway.Receive(Convert.FromHexString(datagram));
        Assert.Contains(_gateway.Sent, s => s.Datagram.Length > 12 && s.Datagram[0] == 0x48);
    }

    [Fact]
    public void A_command_that_the_device_sleeps_through_ends_at_its_deadline()
    {
        var id = _gateway.Register(query: "&lt=300&b=UQ");
        _gateway.Advance(Window);
        Read("1", within: TimeSpan.FromSeconds(30));
        Read("2", within: TimeSpan.FromSeconds(90));
        _gateway.Advance(TimeSpan.FromSeconds(31));
        _gateway.Log.Settle();
        Assert.Equal(Outcome.NeverSent, OutcomeOf("1").Outcome);
        Assert.StartsWith("expired", OutcomeOf("1").Reason, StringComparison.Ordinal);
        Update(id);
        _gateway.AnswerNext("/2", CoapCode.Content);
        Assert.Empty(_gateway.Sent);
    }

    [Fact]
    public void What_is_beyond_the_bound_of_a_sleeping_device_is_refused_at_once()
    {
        _gateway.Configuration = _gateway.Configuration with { Ingress = new() { MaxQueuedCommands = 2 } };
        _gateway.Register(query: "&lt=300&b=UQ");
        _gateway.Advance(Window);
        Read("1");
        Read("2");
        Read("3");
        _gateway.Log.Settle();
        Assert.Equal((Outcome.QueueFull, "queue full: 2 commands wait for this device"), (OutcomeOf("3").Outcome, OutcomeOf("3").Reason));
    }

    [Fact]
    public void What_is_immediate_waits_for_nobody_and_is_not_kept()
    {
        var id = _gateway.Register(query: "&lt=300&b=UQ");
        _gateway.Advance(Window);
        Read("1", priority: 9);
        Read("now", immediate: true);
        var sent = _gateway.NextRequest();
        Assert.Equal("/now", sent.Path);
        _gateway.Advance(TimeSpan.FromSeconds(100));
        _gateway.Log.Settle();
        Assert.Equal(Outcome.TimedOut, OutcomeOf("now").Outcome);
        _gateway.Sent.Clear();
        Update(id);
        _gateway.AnswerNext("/1", CoapCode.Content);
    }

    [Fact]
    public void What_is_immediate_goes_before_all_that_waits()
    {
        _gateway.Register();
        Read("1");
        Read("2", priority: 9);
        Read("now", immediate: true);
        foreach (var next in new[] { "/1", "/now", "/2" })
            _gateway.AnswerNext(next, CoapCode.Content);
    }

    [Fact]
    public void An_unanswered_read_waits_for_the_next_sign_of_life_and_keeps_its_place()
    {
        var lwm2m = _gateway.Configuration.Lwm2m with { QmodeTimeWindow = TimeSpan.FromHours(1) };
        _gateway.Configuration = _gateway.Configuration with { Lwm2m = lwm2m };
        var id = _gateway.Register(query: "&lt=3000&b=UQ");
        Read("1");
        Read("2");
        _gateway.Advance(TimeSpan.FromSeconds(200));
        // Five times, and then no more, however long the window is.
        Assert.Equal(5, _gateway.Sent.Count);
        _gateway.Sent.Clear();
        Assert.DoesNotContain(_gateway.Log.Uplink, e => e.Kind == EventKind.Outcome);
        Update(id);
        _gateway.AnswerNext("/1", CoapCode.Content);
        _gateway.AnswerNext("/2", CoapCode.Content);
    }

    [Fact]
    public void An_unanswered_execute_times_out()
    {
        _gateway.Register(query: "&lt=3000&b=UQ");
        _gateway.Operate(_gateway.Operation(OperationKind.Execute, "/3/0/4", "x"));
        _gateway.Log.Settle();
        _gateway.Advance(TimeSpan.FromSeconds(100));
        _gateway.Log.Settle();
        Assert.Equal(Outcome.TimedOut, OutcomeOf("x").Outcome);
    }

    [Theory]
    [InlineData("b=U", false)]
    [InlineData("b=UQ", true)]
    [InlineData("lt=400", true)]
    public void An_Update_may_leave_queue_mode_and_what_was_held_goes(string query, bool stays)
    {
        var id = _gateway.Register(query: "&lt=300&b=UQ");
        _gateway.Advance(Window);
        Read("1");
        Read("2");
        Update(id, query);
        Assert.Equal(stays, _gateway.Log.Registrations.Last().QueueMode);
        _gateway.AnswerNext("/1", CoapCode.Content);
        _gateway.AnswerNext("/2", CoapCode.Content);
        _gateway.Advance(Window);
        Read("3");
        Assert.Equal(stays ? 0 : 1, _gateway.Sent.Count);
    }

    [Fact]
    public void What_is_held_outlives_a_new_Register()
    {
        _gateway.Register(query: "&lt=300&b=UQ");
        _gateway.Advance(Window);
        Read("1");
        _gateway.Register(query: "&lt=300&b=UQ");
        _gateway.AnswerNext("/1", CoapCode.Content);
    }

    [Fact]
    public void A_wanted_observation_is_asked_for_while_the_device_is_awake()
    {
        _gateway.Register(query: "&lt=300&b=UQ");
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0"));
        _gateway.Log.Settle();
        _gateway.AnswerNext("/3/0", CoapCode.Content, observe: 1);
        _gateway.Log.Settle();
        var id = _gateway.Register(query: "&lt=300&b=UQ");
        _gateway.Log.Settle();
        // It falls asleep before it answers; with the next sign of life it is asked again.
        _gateway.Advance(TimeSpan.FromSeconds(100));
        _gateway.Log.Settle();
        _gateway.Sent.Clear();
        Update(id);
        _gateway.AnswerNext("/3/0", CoapCode.Content, observe: 1);
        _gateway.Log.Settle();
        Assert.Single(_gateway.Log.Uplink, e => e.Kind == EventKind.Notified);
        Assert.Empty(_gateway.Sent);
    }
}
