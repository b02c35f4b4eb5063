using System.Globalization;
using Protocol.Coap;
using Tools.Simulation;
using Tools.Simulation.Scenarios;

namespace Pipeline.Tests.Tools;

/// <summary>A scenario on a table: the clock is a number, and a scripted server answers each datagram after 20 ms.</summary>
sealed class VirtualFleet
{
    const long Latency = 20;

    readonly DevicePopulation _population;
    readonly PriorityQueue<(int Device, byte[] Bytes), (long, int)> _answers = new();
    readonly string _observed;
    ushort _messageId = 0x4000;
    int _order;
    long _now;

    public VirtualFleet(Scenario scenario, string observed = "/3303/0/5700")
    {
        _observed = observed;
        Plans = ScenarioPlans.Of(scenario);
        _population = new DevicePopulation(Plans, 1_700_000_000_000, OnDatagram, device => Rebound.Add((_now, device)), happening => Events.Add((_now, happening)));
    }

    public DevicePlan[] Plans { get; }

    public DevicePopulation Population => _population;

    /// <summary>What arrived at the server: when, from whom, what.</summary>
    public List<(long Time, int Device, Message Message)> Arrived { get; } = [];

    public List<(long Time, DeviceEvent Happened)> Events { get; } = [];

    public List<(long Time, int Device)> Rebound { get; } = [];

    /// <summary>Everything that arrived as text, to be compared.</summary>
    public IEnumerable<string> Transcript => Arrived.Select(each => string.Create(
        CultureInfo.InvariantCulture, $"{each.Time} {each.Device} {Convert.ToHexString(each.Message.Bytes)}"));

    public IEnumerable<(long Time, int Device, Message Message)> Notifications => Arrived.Where(each => each.Message.Code == CoapCode.Content && each.Message.Observe > 1);

    public IEnumerable<(long Time, int Device, Message Message)> Registers =>
        Arrived.Where(each => each.Message.Code == CoapCode.Post && each.Message.Path == "/rd");

    public VirtualFleet RunTo(long end)
    {
        while (true)
        {
            var answer = _answers.TryPeek(out _, out var priority) ? priority.Item1 : long.MaxValue;
            var next = Math.Min(answer, _population.NextDeadline);
            if (next > end)
                break;
            _now = Math.Max(_now, next);
            if (answer <= next)
            {
                var (device, bytes) = _answers.Dequeue();
                _population.Receive(_now, device, bytes);
            }
            _population.Advance(_now);
        }
        _now = end;
        _population.Advance(end);
        return this;
    }

    /// <summary>A read request of the server, on its way to a device.</summary>
    public void Read(int device, string path) => Request(device, path, observe: null);

    void OnDatagram(int device, ReadOnlySpan<byte> datagram)
    {
        var message = new Message(datagram.ToArray());
        Arrived.Add((_now, device, message));
        if (message.Code.IsResponse && message.Type == CoapType.Confirmable)
        {
            Answer(device, DeviceMessages.Empty(CoapType.Acknowledgement, message.MessageId));
            return;
        }
        if (!message.Code.IsRequest)
            return;
        var isRegister = message.Path == "/rd";
        var code = isRegister ? CoapCode.Created : message.Code == CoapCode.Delete ? CoapCode.Deleted : CoapCode.Changed;
        var buffer = new byte[64];
        var writer = new CoapWriter(buffer, CoapType.Acknowledgement, code, message.MessageId, message.Token);
        if (isRegister)
            writer.AddLocationPath("/rd/1");
        Assert.True(writer.TryFinish(out var length));
        Answer(device, buffer[..length]);
        if (isRegister)
            Request(device, _observed, observe: 0);
    }

    void Request(int device, string path, uint? observe)
    {
        var buffer = new byte[64];
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Get, _messageId++, [7, 7]);
        if (observe is { } value)
            writer.AddOption(CoapOptionNumber.Observe, value);
        writer.AddUriPath(path);
        Assert.True(writer.TryFinish(out var length));
        Answer(device, buffer[..length]);
    }

    void Answer(int device, byte[] datagram) => _answers.Enqueue((device, datagram), (_now + Latency, _order++));
}
