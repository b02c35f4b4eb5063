using System.Net;
using Contracts.Configuration;
using Ingress;
using Ingress.Access;
using Ingress.Sockets;
using Messaging;
using Pipeline.Tests.Ingress;
using Protocol.Coap;

namespace Pipeline.Tests.Ownership;

/// <summary>After a power cut all devices come at once: they come in at the rate that the listener allows, and not again as one crowd.</summary>
public sealed class StormTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(100_000, 1000, 0)]
    [InlineData(100_000, 1000, 10)]
    [InlineData(100_000, 200, 0)]
    [InlineData(100_000, 200, 10)]
    public void All_are_in_within_little_more_than_the_time_that_the_rate_allows(int devices, int rate, int percentImpatient)
    {
        var turns = new Turns(rate, 0);
        var agenda = new PriorityQueue<int, long>(devices);
        var random = new Random(5);
        for (var device = 0; device < devices; device++)
            agenda.Enqueue(device, random.Next(3000));
        var (entered, knocks, most, last) = (0, 0, 0, 0L);
        var perSecond = new Dictionary<long, int>();
        while (agenda.TryDequeue(out var device, out var now))
        {
            knocks++;
            if (turns.TryEnter((ulong)device, now, out var wait))
            {
                entered++;
                last = now;
                perSecond[now / 1000] = perSecond.GetValueOrDefault(now / 1000) + 1;
                continue;
            }

            most = Math.Max(most, turns.Waiting);
            // Max-Age is in whole seconds. Some do not care for it.
            agenda.Enqueue(device, now + (device % 100 < percentImpatient ? 2000 : (wait + 999) / 1000 * 1000));
        }

        var factor = last / (1000.0 * devices / rate);
        output.WriteLine($"{devices} at {rate}/s: factor {factor:0.000}, {(double)knocks / devices:0.00} requests each, {most} turns, at most {perSecond.Values.Max()} in a second");
        Assert.Equal(devices, entered);
        Assert.InRange(factor, 0.9, 1.1);
        Assert.InRange(most, 1, 1 << 18);
        // A second's worth may be saved up, and who comes late has kept his turn.
        Assert.InRange(perSecond.Values.Max(), 1, (2 * rate) + 1);
    }

    [Fact]
    public void Who_comes_too_early_keeps_the_turn_and_is_told_the_rest()
    {
        var turns = new Turns(1, 0);
        Assert.True(turns.TryEnter(1, 0, out _));
        Assert.False(turns.TryEnter(2, 0, out var wait));
        Assert.Equal(1000, wait);
        Assert.False(turns.TryEnter(3, 0, out wait));
        Assert.Equal(2000, wait);
        Assert.False(turns.TryEnter(3, 500, out wait));
        Assert.Equal(1500, wait);
        // Nobody takes what was promised to others.
        Assert.False(turns.TryEnter(4, 1000, out _));
        Assert.True(turns.TryEnter(2, 1000, out _));
        Assert.True(turns.TryEnter(3, 2100, out _));
    }

    [Fact]
    public void Turns_of_those_who_never_come_go_to_others_and_are_bounded_in_time()
    {
        var turns = new Turns(10, 0);
        for (var who = 0UL; who < 1_000_000; who++)
        {
            turns.TryEnter(who, 0, out var wait);
            Assert.InRange(wait, 0, Turns.Longest);
        }

        Assert.InRange(turns.Waiting, 1, 3000);
        turns.Expire(Turns.Longest + 20_000);
        Assert.Equal(0, turns.Waiting);
        Assert.True(turns.TryEnter(5_000_000, Turns.Longest + 20_000, out _));
    }

    [Fact]
    public void A_storm_goes_through_the_gateway_at_the_rate()
    {
        const int Devices = 10_000;
        const int Rate = 500;
        var gateway = new GatewayUnderTest(configuration: Limited(Rate));
        var core = gateway.Log.Reader!;
        var agenda = new PriorityQueue<int, long>();
        for (var device = 0; device < Devices; device++)
            agenda.Enqueue(device, 0);
        var (now, registered) = (0L, 0);
        while (registered < Devices)
        {
            Assert.True(now < 40_000, $"{registered} are in");
            while (agenda.TryPeek(out _, out var at) && at <= now)
            {
                var device = agenda.Dequeue();
                gateway.Receive(gateway.Request(CoapCode.Post, "rd", $"ep=dev-{device}&lt=3600", "</1/0>"), From(device));
            }

            core.OnTimer();
            gateway.Log.Settle();
            while (gateway.Sent.TryDequeue(out var sent))
            {
                CoapFrame.TryParse(sent.Datagram, out var answer);
                if (answer.Code == CoapCode.Created)
                    registered++;
                else
                    agenda.Enqueue(DeviceOf(sent.Peer), now + (MaxAgeOf(answer) * 1000));
            }

            // What was written is of no interest here.
            gateway.Log.Entries.Clear();
            gateway.Time.Advance(TimeSpan.FromMilliseconds(100));
            now += 100;
        }

        output.WriteLine($"{Devices} at {Rate}/s after {now} ms: factor {now / (1000.0 * Devices / Rate):0.000}");
        Assert.InRange(now, 900L * Devices / Rate, 1150L * Devices / Rate);
        Assert.Equal(0, core.ArrivalsWaiting);
    }

    [Fact]
    public void While_Kafka_takes_nothing_devices_are_told_to_come_one_after_the_other()
    {
        var gateway = new GatewayUnderTest();
        gateway.Log.Status = AppendStatus.BrokersAway;
        for (var device = 0; device < 20_000; device++)
            gateway.Receive(gateway.Request(CoapCode.Post, "rd", $"ep=dev-{device}&lt=3600", "</1/0>"), From(device));
        var ages = gateway.Sent.Select(sent => CoapFrame.TryParse(sent.Datagram, out var answer) == CoapParseError.None ? MaxAgeOf(answer) : 0).ToList();
        Assert.Equal(20_000, ages.Count);
        Assert.InRange(ages.Min(), 5, 6);
        Assert.InRange(ages.Max(), 24, 26);
        Assert.InRange(ages.GroupBy(age => age).Max(second => second.Count()), 1, 1001);
        Assert.Equal((0, 0), (gateway.Node.Sessions.Count, gateway.Log.Handed));
        // However many there are, nobody is told to stay away for long.
        for (var device = 0; device < 60_000; device++)
        {
            gateway.Receive(gateway.Request(CoapCode.Post, "rd", $"ep=more-{device}&lt=3600", "</1/0>"), From(device));
            CoapFrame.TryParse(gateway.Sent.Last().Datagram, out var answer);
            Assert.InRange(MaxAgeOf(answer), 5, 60);
            gateway.Sent.Clear();
        }
    }

    static long MaxAgeOf(in CoapFrame answer)
    {
        Assert.Equal("5.03", answer.Code.Dotted);
        foreach (var value in answer.Values(CoapOptionNumber.MaxAge))
            return value.ToArray().Aggregate(0L, (sum, b) => (sum << 8) | b);
        throw new InvalidOperationException("no Max-Age");
    }

    static GatewayConfiguration Limited(double rate) => new()
    {
        Lwm2m = new Lwm2mOptions
        {
            Listeners = new ListenersOptions
            {
                Udp = new Dictionary<string, UdpListenerOptions> { ["default"] = new() { Bind = BindAddress.Any(0), MaxConnRate = rate } },
            },
        },
    };

    static Peer From(int device) => Peer.From(new IPEndPoint(new IPAddress([198, 51, (byte)(device >> 14), (byte)(device >> 6)]), 1000 + (device & 63)), 0);

    static int DeviceOf(in Peer peer)
    {
        var endPoint = peer.ToEndPoint();
        var address = endPoint.Address.MapToIPv4().GetAddressBytes();
        return (address[2] << 14) | (address[3] << 6) | (endPoint.Port - 1000);
    }
}
