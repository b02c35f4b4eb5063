using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text;
using Contracts;
using Contracts.Configuration;
using Ingress;
using Ingress.Access;
using Ingress.Registrations;
using Ingress.Service;
using Ingress.Sockets;
using Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Tests.Ingress;
using Protocol.Coap;

namespace Pipeline.Tests.Messaging;

/// <summary>An Ingress without sockets on a Kafka that may go away, and the devices that talk to it.</summary>
internal sealed class FloodedIngress : IDatagramOutlet, IDisposable
{
    private static readonly IMeterFactory s_meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    private readonly LogReader _sessions;
    private readonly LogReader _uplink;
    private readonly DeviceGateway _gateway;
    private readonly Thread _timer;
    private readonly Dictionary<int, byte[]> _tokens = [];
    private volatile bool _ended;

    public FloodedIngress()
    {
        var options = new KafkaOptions { TopicPrefix = "t" };
        var topics = new Topics("t");
        Broker = EmbeddedBroker.Start(topics.Specs(options, embedded: true));
        var connection = new KafkaConnection(Broker.BootstrapServers, true, options, Broker.Budget);
        Producer = new LogProducer(connection, "t-ingress", NullLogger.Instance);
        _sessions = new LogReader(connection, "t-sessions", NullLogger.Instance);
        _uplink = new LogReader(connection, "t-uplink", NullLogger.Instance);
        var partitions = options.PartitionsOn(embedded: true);
        var clock = new Clock(TimeProvider.System);
        var configuration = new GatewayConfiguration();
        _gateway = new DeviceGateway(new Node
        {
            Clock = clock,
            Random = new Random(7),
            Log = new KafkaLog(Producer, _sessions, topics, partitions),
            Outlet = this,
            Topics = topics,
            Configuration = () => configuration,
            Telemetry = new IngressTelemetry(s_meters),
            Identifiers = new Identifiers("secret", 0),
            Sessions = new SessionTable(_ => 0, clock, new Random(8)),
            Listeners = ["udp:default"],
            Admission = NobodyAsked.Instance,
            Slot = 0,
            Epoch = 1,
        });
        _sessions.Start([.. All(topics.Sessions)], record => _gateway.ReadSession(record.Key, record.Value));
        _uplink.Start([.. All(topics.Uplink)], Note);
        _timer = new Thread(RunTimers) { IsBackground = true };
        _timer.Start();

        IEnumerable<LogPosition> All(string topic) => Enumerable.Range(0, partitions).Select(p => new LogPosition(topic, p, LogPosition.Beginning));
    }

    public EmbeddedBroker Broker { get; }
    public LogProducer Producer { get; }

    /// <summary>How often each notified value stands in the log.</summary>
    public ConcurrentDictionary<int, int> Told { get; } = new();

    /// <summary>Answers with a code other than empty, by device and message id.</summary>
    public ConcurrentDictionary<(int Device, ushort Id), string> Answers { get; } = new();

    /// <summary>Acknowledged notifications, and how often.</summary>
    public ConcurrentDictionary<(int Device, ushort Id), int> Acknowledged { get; } = new();

    /// <summary>Requests to devices.</summary>
    public ConcurrentDictionary<int, (ushort Id, byte[] Token)> Requests { get; } = new();

    public int Remembered => _gateway.Levels().Messages;

    void IDatagramOutlet.Send(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        Assert.Equal(CoapParseError.None, CoapFrame.TryParse(datagram, out var frame));
        var device = peer.ToEndPoint().Port;
        if (frame.Code == CoapCode.Empty)
        {
            Acknowledged.AddOrUpdate((device, frame.MessageId), 1, static (_, count) => count + 1);
        }
        else if (frame.Code == CoapCode.Get)
        {
            Requests[device] = (frame.MessageId, frame.Token.ToArray());
        }
        else
        {
            var age = frame.TryGetUInt(CoapOptionNumber.MaxAge, out var seconds) ? $" {(seconds > 0 ? "Max-Age" : "at once")}" : "";
            Answers[(device, frame.MessageId)] = frame.Code.Dotted + age;
        }
    }

    public async Task RegisterAsync(int device, ushort id = 1)
    {
        await PersistAsync(device, id, Register(device, id), "2.01");
    }

    /// <summary>The device is observed from now on.</summary>
    public async Task ObserveAsync(int device)
    {
        _gateway.Operate(new DownlinkOperation
        {
            Schema = 1,
            Endpoint = Endpoint(device),
            Kind = OperationKind.Observe,
            Path = "/3/0",
            DeadlineMs = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds(),
            Command = new CommandContext { CommandId = "c" + device, MsgType = "observe" },
        });
        Assert.True(await EmbeddedBrokerTests.WaitFor(() => Requests.ContainsKey(device)));
        var (id, token) = Requests[device];
        _tokens[device] = token;
        _gateway.Receive(PeerOf(device), GatewayUnderTest.Response(CoapType.Acknowledgement, CoapCode.Content, id, token, observe: 1, format: 42, payload: [0]));
    }

    /// <summary>A confirmable notification; the value is that of <see cref="Told"/>.</summary>
    public void Notify(int device, ushort id, int value)
    {
        var payload = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, value);
        _gateway.Receive(PeerOf(device), GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, id, _tokens[device], observe: (uint)(id + 1), format: 42, payload: payload));
    }

    public byte[] Register(int device, ushort id = 1)
    {
        var buffer = new byte[256];
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Post, id, [0xaa]);
        writer.AddUriPath("rd");
        writer.AddOption(CoapOptionNumber.ContentFormat, 40u);
        writer.AddUriQuery($"ep={Endpoint(device)}&lt=3000&lwm2m=1.1");
        writer.AddPayload(Encoding.UTF8.GetBytes("</1/0>,</3/0>"));
        Assert.True(writer.TryFinish(out var length));
        return buffer[..length];
    }

    public void Receive(int device, byte[] datagram) => _gateway.Receive(PeerOf(device), datagram);

    public void Dispose()
    {
        _ended = true;
        _timer.Join();
        _uplink.Dispose();
        _sessions.Dispose();
        Producer.Dispose();
        Broker.Dispose();
    }

    private async Task PersistAsync(int device, ushort id, byte[] datagram, string code)
    {
        Assert.True(await EmbeddedBrokerTests.WaitFor(() =>
        {
            Receive(device, datagram);
            return Answers.TryGetValue((device, id), out var answer) && answer == code;
        }));
    }

    private void Note(LogRecord record)
    {
        var happened = UplinkEvent.Parser.ParseFrom(record.Value);
        if (happened.Kind == EventKind.Notified)
        {
            Told.AddOrUpdate(BinaryPrimitives.ReadInt32BigEndian(happened.Payload.Span), 1, static (_, count) => count + 1);
        }
    }

    private void RunTimers()
    {
        while (!_ended)
        {
            _gateway.OnTimer();
            Thread.Sleep(5);
        }
    }

    private static string Endpoint(int device) => "dev-" + device.ToString(CultureInfo.InvariantCulture);

    private static Peer PeerOf(int device) => Peer.From(new IPEndPoint(IPAddress.Parse("192.0.2.1"), device), 0);
}
