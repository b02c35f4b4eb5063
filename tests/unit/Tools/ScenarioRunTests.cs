using System.Text;
using Protocol.Coap;
using Protocol.Lwm2m.Formats;
using Tools.Simulation;
using Tools.Simulation.Scenarios;

namespace Pipeline.Tests.Tools;

/// <summary>What devices of a scenario do, without sockets and without a clock.</summary>
public sealed class ScenarioRunTests
{
    static readonly SignalOptions Moving = new() { Kind = SignalKind.Counter, PerHour = 360_000 };

    static readonly DeviceGroup Meter = new()
    {
        Count = 10,
        Interval = TimeSpan.FromSeconds(10),
        Signals = new Dictionary<string, SignalOptions> { ["/3303/0/5700"] = Moving },
        Values = new Dictionary<string, string> { ["/3303/0/5701"] = "Cel" },
    };

    static Scenario Of(DeviceGroup group, int seed = 7) => new()
    {
        Seed = seed,
        RegisterRate = 100,
        Groups = new Dictionary<string, DeviceGroup> { ["meter"] = group },
    };

    static DeviceGroup Rough => Meter with
    {
        Network = new NetworkOptions
        {
            Up = new LinkOptions { Loss = 0.1, Duplicate = 0.1, Delay = TimeSpan.FromMilliseconds(30), Jitter = TimeSpan.FromMilliseconds(80) },
            Down = new LinkOptions { Loss = 0.1, Delay = TimeSpan.FromMilliseconds(10) },
            RebindEvery = TimeSpan.FromMinutes(2),
        },
        Notify = new NotifyOptions { Every = TimeSpan.FromSeconds(30), Jitter = TimeSpan.FromSeconds(5), BurstEvery = TimeSpan.FromMinutes(3) },
        QueueMode = new QueueModeOptions { Awake = TimeSpan.FromSeconds(20), WakeEvery = TimeSpan.FromMinutes(2) },
    };

    [Fact]
    public void Same_seed_and_same_answers_give_the_same_datagrams_at_the_same_times()
    {
        var scenario = Of(Rough) with { Storms = [new RebootStorm { At = TimeSpan.FromMinutes(4), Share = 0.5, Within = TimeSpan.FromSeconds(20) }] };
        var first = new VirtualFleet(scenario).RunTo(600_000);
        var second = new VirtualFleet(scenario).RunTo(600_000);
        Assert.InRange(first.Arrived.Count, 500, 100_000);
        Assert.True(first.Population.DatagramsLost > 0);
        Assert.True(first.Population.Count(DeviceEventKind.Retransmitted) > 0);
        Assert.True(first.Population.Count(DeviceEventKind.Rebooting) > 0);
        Assert.Equal(first.Transcript, second.Transcript);
        Assert.NotEqual(first.Transcript, new VirtualFleet(scenario with { Seed = 8 }).RunTo(600_000).Transcript);
    }

    [Fact]
    public void A_group_does_the_same_whatever_other_groups_there_are()
    {
        var alone = Of(Meter with { Count = 1 });
        var beside = alone with
        {
            Groups = new Dictionary<string, DeviceGroup> { ["a"] = Meter with { Count = 1, Endpoint = "other" }, ["meter"] = alone.Groups["meter"] },
        };
        var expected = ScenarioPlans.Of(alone).Single();
        var plan = ScenarioPlans.Of(beside).Single(plan => plan.Settings.Endpoint == "meter-1");
        Assert.Equal(expected.Seed, plan.Seed);
    }

    [Fact]
    public void Devices_come_up_at_the_rate()
    {
        var fleet = new VirtualFleet(Of(Meter with { Count = 50 })).RunTo(10_000);
        Assert.Equal(50, fleet.Registers.Count());
        Assert.Equal(490, fleet.Registers.Last().Time);
        Assert.All(fleet.Population.Devices, device => Assert.Equal(RegistrationStep.Registered, device.Step));
    }

    [Fact]
    public void Period_and_jitter_say_when_a_device_reports()
    {
        var group = Meter with
        {
            Count = 1,
            Signals = new Dictionary<string, SignalOptions> { ["/3303/0/5700"] = new() { Mean = 20 } },
            Notify = new NotifyOptions { OnChange = false, Every = TimeSpan.FromSeconds(60), Jitter = TimeSpan.FromSeconds(10) },
        };
        var times = new VirtualFleet(Of(group)).RunTo(3_600_000).Notifications.Select(each => each.Time).ToList();
        Assert.InRange(times.Count, 58, 61);
        // Jitter does not add up: each is at most 10 s behind its place in the hour.
        var late = times.Select((time, i) => time - times[0] - 60_000L * i).ToList();
        Assert.All(late, each => Assert.InRange(each, -10_000, 10_000));
        Assert.Contains(late, each => Math.Abs(each) > 500);
    }

    [Fact]
    public void Bursts_come_with_their_gap()
    {
        var group = Meter with
        {
            Count = 1,
            Notify = new NotifyOptions { OnChange = false, BurstEvery = TimeSpan.FromMinutes(10), BurstSize = 5, BurstGap = TimeSpan.FromMilliseconds(200) },
        };
        var times = new VirtualFleet(Of(group)).RunTo(1_150_000).Notifications.Select(each => each.Time).ToList();
        Assert.InRange(times.Count, 5, 10);
        Assert.Equal([200, 200, 200, 200], times.Take(5).Zip(times.Skip(1), (one, next) => next - one).Take(4));
    }

    [Fact]
    public void A_sleeping_device_hears_nothing_until_it_wakes()
    {
        var group = Meter with
        {
            Count = 1,
            Lifetime = TimeSpan.FromHours(1),
            Notify = new NotifyOptions { OnChange = false },
            QueueMode = new QueueModeOptions { Awake = TimeSpan.FromSeconds(10), WakeEvery = TimeSpan.FromMinutes(5) },
        };
        var fleet = new VirtualFleet(Of(group)).RunTo(5_000);
        Assert.Contains("b=UQ", fleet.Registers.Single().Message.Queries);
        fleet.Read(0, "/3/0/0");
        fleet.RunTo(6_000);
        Assert.Equal(2, Answers(fleet));
        fleet.RunTo(60_000);
        fleet.Read(0, "/3/0/0");
        fleet.RunTo(70_000);
        Assert.Equal(2, Answers(fleet));
        fleet.RunTo(301_000);
        Assert.Contains(fleet.Arrived, each => each.Message.Path == "/rd/1");
        fleet.Read(0, "/3/0/0");
        fleet.RunTo(302_000);
        Assert.Equal(3, Answers(fleet));

        // That to the observation, and those to reads.
        static int Answers(VirtualFleet fleet) => fleet.Arrived.Count(each => each.Message.Type == CoapType.Acknowledgement && each.Message.Code == CoapCode.Content);
    }

    [Fact]
    public void Nothing_arrives_through_a_network_that_loses_all()
    {
        var fleet = new VirtualFleet(Of(Meter with { Network = new NetworkOptions { Up = new LinkOptions { Loss = 1 } } })).RunTo(200_000);
        Assert.Empty(fleet.Arrived);
        Assert.True(fleet.Population.Count(DeviceEventKind.TimedOut) >= 10);
    }

    [Fact]
    public void Duplicates_and_delays_are_as_many_and_as_long_as_asked_for()
    {
        var network = new NetworkOptions { Up = new LinkOptions { Duplicate = 1, Delay = TimeSpan.FromMilliseconds(250) } };
        var fleet = new VirtualFleet(Of(Meter with { Count = 1, Network = network })).RunTo(5_000);
        Assert.Equal([250L, 250L], fleet.Registers.Select(each => each.Time));
    }

    [Fact]
    public void A_nat_gives_each_device_a_new_port_so_often()
    {
        var fleet = new VirtualFleet(Of(Meter with { Count = 4, Network = new NetworkOptions { RebindEvery = TimeSpan.FromSeconds(60) } })).RunTo(600_000);
        Assert.Equal(4, fleet.Rebound.Select(each => each.Device).Distinct().Count());
        Assert.InRange(fleet.Rebound.Count, 36, 44);
    }

    [Fact]
    public void A_storm_reboots_its_share_and_all_register_anew()
    {
        var scenario = Of(Meter with { Count = 400 }) with
        {
            Storms = [new RebootStorm { At = TimeSpan.FromSeconds(60), Share = 0.25, Within = TimeSpan.FromSeconds(5) }],
        };
        var fleet = new VirtualFleet(scenario).RunTo(100_000);
        var reboots = fleet.Events.Where(each => each.Happened.Kind == DeviceEventKind.Rebooting).ToList();
        Assert.InRange(reboots.Count, 70, 130);
        Assert.All(reboots, each => Assert.InRange(each.Time, 60_000, 65_000));
        Assert.Equal(400 + reboots.Count, fleet.Registers.Count());
        Assert.Equal(0, fleet.Population.Count(DeviceEventKind.Deregistered));
        Assert.All(fleet.Population.Devices, device => Assert.Equal(RegistrationStep.Registered, device.Step));
    }

    [Theory]
    [InlineData(nameof(FaultKind.Value), "/3303/0/5701", "Cel", "Far")]
    [InlineData(nameof(FaultKind.Stuck), "/3303/0/5700", null, null)]
    [InlineData(nameof(FaultKind.Silent), "/3303/0/5700", null, null)]
    [InlineData(nameof(FaultKind.Scale), "/3303/0/5700", null, null)]
    [InlineData(nameof(FaultKind.Type), "/3303/0/5700", null, null)]
    public void A_fault_begins_and_ends(string name, string path, string? sound, string? faulty)
    {
        var kind = Enum.Parse<FaultKind>(name);
        var fault = new FaultOptions
        {
            Kind = kind, Path = path, After = TimeSpan.FromMinutes(10), For = TimeSpan.FromMinutes(10), Value = "Far", Factor = 1.8, Offset = 32, Type = "Integer",
        };
        var fleet = new VirtualFleet(Of(Meter with { Count = 1, Format = ReportFormat.Text, Faults = [fault] }), observed: path);
        fleet.RunTo(599_000);
        var before = Report(fleet);
        fleet.RunTo(1_199_000);
        var during = Report(fleet);
        var reportsMeanwhile = fleet.Notifications.Count(each => each.Time is > 610_000 and < 1_199_000);
        fleet.RunTo(1_800_000);
        var after = Report(fleet);

        switch (kind)
        {
            case FaultKind.Value:
                Assert.Equal((sound, faulty, sound), (before, during, after));
                break;
            case FaultKind.Scale:
                // 100 a second all the time: 60 000 after ten minutes, and the reading in Fahrenheit is more than 1.8 times that of twenty.
                Assert.InRange(double.Parse(during) / double.Parse(before), 3.5, 3.7);
                Assert.InRange(double.Parse(after) / double.Parse(before), 2.9, 3.1);
                break;
            case FaultKind.Type:
                // One decimal in text, none of an Integer.
                Assert.DoesNotContain(".", during);
                Assert.True(reportsMeanwhile > 10);
                break;
            default:
                Assert.Equal(0, reportsMeanwhile);
                Assert.NotEqual(before, after);
                break;
        }

        static string Report(VirtualFleet fleet) => Encoding.UTF8.GetString(
            fleet.Arrived.Last(each => each.Message.Code == CoapCode.Content).Message.Payload);
    }

    [Theory]
    [InlineData(nameof(ReportFormat.Tlv), "/3303/0/5700", ContentFormats.Tlv)]
    [InlineData(nameof(ReportFormat.Text), "/3303/0/5700", ContentFormats.Text)]
    [InlineData(nameof(ReportFormat.Text), "/3303/0", ContentFormats.Tlv)]
    [InlineData(nameof(ReportFormat.Json), "/3303/0", ContentFormats.Json)]
    public void Reports_have_the_content_format_of_the_group(string format, string observed, ushort expected)
    {
        var fleet = new VirtualFleet(Of(Meter with { Count = 1, Format = Enum.Parse<ReportFormat>(format) }), observed).RunTo(60_000);
        Assert.Equal(expected, fleet.Notifications.First().Message.ContentFormat);
    }

    [Fact]
    public void A_device_without_changes_on_its_own_keeps_quiet()
    {
        var fleet = new VirtualFleet(Of(Meter with { Count = 1, Notify = new NotifyOptions { OnChange = false } })).RunTo(200_000);
        Assert.Empty(fleet.Notifications);
    }
}
