using Protocol.Coap;
using Tools.Simulation;

namespace Pipeline.Tests.Tools;

/// <summary>A simulated device on a table: its clock is a number, its datagrams come as bytes, and the test is the gateway.</summary>
sealed class DeviceBench
{
    readonly Queue<byte[]> _sent = [];
    ushort _messageId = 0x7000;

    public DeviceBench(DeviceSettings? settings = null)
    {
        Device = new SimulatedDevice(
            settings ?? new DeviceSettings { Endpoint = "dev-1" }, 0, 42, new MessageDeduplication<int>(TransmissionParameters.Standard),
            1_700_000_000_000, datagram => _sent.Enqueue(datagram.ToArray()), Events.Add);
    }

    public SimulatedDevice Device { get; }

    public List<DeviceEvent> Events { get; } = [];

    public long Now { get; private set; }

    public bool IsSilent => _sent.Count == 0;

    /// <summary>Registered at time 0 under /rd/a1.</summary>
    public static DeviceBench Registered(DeviceSettings? settings = null)
    {
        var bench = new DeviceBench(settings);
        bench.Device.Start(0);
        bench.Device.Poll(0);
        bench.AcceptRegister();
        return bench;
    }

    public void AcceptRegister()
    {
        var register = Received();
        Answer(register, CoapCode.Created, writer: (ref CoapWriter writer) => writer.AddLocationPath("/rd/a1"));
    }

    /// <summary>The next datagram of the device.</summary>
    public Message Received()
    {
        Assert.NotEmpty(_sent);
        return new Message(_sent.Dequeue());
    }

    public void PollAt(long now)
    {
        Now = now;
        Device.Poll(now);
    }

    /// <summary>Lets time pass from deadline to deadline.</summary>
    public void AdvanceTo(long now)
    {
        while (Device.NextDeadline <= now)
            PollAt(Math.Max(Now, Device.NextDeadline));
        Now = now;
    }

    /// <summary>Advances until the device says something.</summary>
    public Message AwaitMessage(long limit)
    {
        while (_sent.Count == 0)
        {
            Assert.True(Device.NextDeadline <= limit, $"silent until {limit}");
            PollAt(Math.Max(Now, Device.NextDeadline));
        }
        return Received();
    }

    public void Deliver(byte[] datagram) => Device.Handle(Now, datagram);

    /// <summary>A confirmable request of the gateway and the answer to it.</summary>
    public Message Ask(
        CoapCode method, string path, ushort? format = null, byte[]? payload = null, uint? observe = null, ushort? accept = null,
        string query = "", byte[]? token = null)
    {
        Deliver(Request(method, path, format, payload, observe, accept, query, token));
        return Received();
    }

    public byte[] Request(
        CoapCode method, string path, ushort? format = null, byte[]? payload = null, uint? observe = null, ushort? accept = null,
        string query = "", byte[]? token = null, CoapType type = CoapType.Confirmable)
    {
        var buffer = new byte[1200];
        var writer = new CoapWriter(buffer, type, method, _messageId++, token ?? [0xAA, 0xBB]);
        if (observe is { } value)
            writer.AddOption(CoapOptionNumber.Observe, value);
        writer.AddUriPath(path);
        if (format is { } contentFormat)
            writer.AddOption(CoapOptionNumber.ContentFormat, contentFormat);
        writer.AddUriQuery(query);
        if (accept is { } wanted)
            writer.AddOption(CoapOptionNumber.Accept, wanted);
        writer.AddPayload(payload);
        Assert.True(writer.TryFinish(out var length));
        return buffer[..length];
    }

    /// <summary>Answers a request of the device in the acknowledgement.</summary>
    public void Answer(Message request, CoapCode code, WriteOptions? writer = null)
    {
        var buffer = new byte[256];
        var response = new CoapWriter(buffer, CoapType.Acknowledgement, code, request.MessageId, request.Token);
        writer?.Invoke(ref response);
        Assert.True(response.TryFinish(out var length));
        Deliver(buffer[..length]);
    }

    public void Acknowledge(Message message) => Deliver(DeviceMessages.Empty(CoapType.Acknowledgement, message.MessageId));

    public void Reset(Message message) => Deliver(DeviceMessages.Empty(CoapType.Reset, message.MessageId));

    public delegate void WriteOptions(ref CoapWriter writer);
}
