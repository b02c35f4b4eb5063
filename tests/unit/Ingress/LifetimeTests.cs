using Contracts;
using Ingress;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

public sealed class LifetimeTests
{
    readonly GatewayUnderTest _gateway = new();

    [Theory]
    [InlineData("&lt=0", 86400)]
    [InlineData("&lt=0&lwm2m=1.0", 86400)]
    [InlineData("&lt=0&lwm2m=1.1", 365 * 86400)]
    [InlineData("&lt=3&lwm2m=1.1", 15)]
    [InlineData("&lt=4294967295&lwm2m=1.1", 86400)]
    [InlineData("", 86400)]
    public void A_lifetime_is_bounded_and_none_at_all_means_what_the_version_says(string query, long lifetime)
    {
        _gateway.Register(query: query);
        Assert.Equal(lifetime, _gateway.Log.Registrations.Last().Lifetime);
    }

    [Fact]
    public void A_lifetime_is_reported_as_it_was_sent()
    {
        _gateway.Register(query: "&lt=3&lwm2m=1.0");
        Assert.Equal((3L, true), (_gateway.Log.Uplink.Last().Registration.Lifetime, _gateway.Log.Uplink.Last().Registration.LifetimeSent));
        Assert.Equal((15L, 3L), (_gateway.Log.Registrations.Last().Lifetime, _gateway.Log.Registrations.Last().RequestedLifetime));
    }

    [Fact]
    public void A_device_that_never_expires_does_so_only_after_the_configured_year()
    {
        _gateway.Configuration = _gateway.Configuration with { Ingress = new() { InfiniteLifetimeMax = TimeSpan.FromDays(30) } };
        _gateway.Register(query: "&lt=0&lwm2m=1.1");
        _gateway.Time.Advance(TimeSpan.FromDays(29));
        _gateway.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, _gateway.Log.Handed);
        _gateway.Time.Advance(TimeSpan.FromDays(1));
        _gateway.Advance(TimeSpan.FromSeconds(1));
        _gateway.Log.Settle();
        Assert.Equal(EventKind.Expired, _gateway.Log.Uplink.Last().Kind);
    }

    [Fact]
    public void What_was_registered_for_long_is_forgotten_a_day_after_its_end()
    {
        var id = _gateway.Register(query: "&lt=0&lwm2m=1.1");
        _gateway.Receive(_gateway.Request(CoapCode.Delete, "rd/" + id));
        _gateway.Log.Settle();
        _gateway.Time.Advance(TimeSpan.FromHours(25));
        _gateway.Advance(TimeSpan.FromSeconds(1));
        _gateway.Log.Settle();
        Assert.Equal(0, _gateway.Node.Sessions.Count);
    }

    [Fact]
    public void Other_bounds_count_from_the_next_Update_on()
    {
        var id = _gateway.Register(query: "&lt=600");
        var lwm2m = _gateway.Configuration.Lwm2m with { LifetimeMax = TimeSpan.FromSeconds(100) };
        _gateway.Configuration = _gateway.Configuration with { Lwm2m = lwm2m };
        _gateway.Advance(TimeSpan.FromSeconds(200));
        Assert.DoesNotContain(_gateway.Log.Uplink, e => e.Kind == EventKind.Expired);
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id));
        _gateway.Log.Settle();
        Assert.Equal((100L, 600L), (_gateway.Log.Registrations.Last().Lifetime, _gateway.Log.Registrations.Last().RequestedLifetime));
        _gateway.Advance(TimeSpan.FromSeconds(101));
        _gateway.Log.Settle();
        Assert.Equal(EventKind.Expired, _gateway.Log.Uplink.Last().Kind);
    }

    [Fact]
    public void Commands_and_refreshed_lifetimes_leave_nothing_in_the_timetable()
    {
        var id = _gateway.Register(query: "&lt=80000");
        for (var i = 0; i < 50; i++)
        {
            _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0", "c" + i));
            _gateway.AnswerNext("/3/0", CoapCode.Content);
            _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + id));
            _gateway.Log.Settle();
            _gateway.Sent.Clear();
            _gateway.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(1, _gateway.Node.Timetable.Count);
    }

    [Fact]
    public void A_timetable_tells_in_order_and_never_the_same_twice()
    {
        var random = new Random(3);
        var table = new Timetable();
        var timed = Enumerable.Range(0, 3000).Select(_ => new Timed()).ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var one = timed[random.Next(timed.Length)];
            var at = random.Next(1_000_000);
            table.Schedule(one, at);
            one.Wanted = Math.Min(one.Wanted, at);
        }

        Assert.Equal(timed.Count(t => t.Wanted < long.MaxValue), table.Count);
        Assert.False(table.TryTakeDue(table.NextDue - 1, out _));
        var told = new List<Timed>();
        for (var now = 0L; table.Count > 0; now += 100)
        {
            while (table.TryTakeDue(now, out var due))
            {
                told.Add((Timed)due);
                Assert.InRange(((Timed)due).Wanted, now - 99, now);
                Assert.Equal(long.MaxValue, table.DueTime(due));
            }
        }

        Assert.Equal(told.OrderBy(t => t.Wanted).Select(t => t.Wanted), told.Select(t => t.Wanted));
        Assert.Distinct(told);
        table.Schedule(told[0], 7);
        Assert.Equal((7L, 1), (table.NextDue, table.Count));
    }

    sealed class Timed : ITimed
    {
        public int Place { get; set; }
        public long Wanted { get; set; } = long.MaxValue;
    }
}
