using System.Net;
using System.Text;
using Contracts;
using Contracts.Configuration;
using Google.Protobuf;
using Ingress;
using Ingress.Access;
using Ingress.Capture;
using Ingress.Registrations;
using Ingress.Security;
using Ingress.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>A gateway on a simulated network, a log in memory and a clock that stands until it is moved.</summary>
sealed class GatewayUnderTest : IDatagramOutlet
{
    static readonly System.Diagnostics.Metrics.IMeterFactory Meters =
        new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();

    public static readonly Peer Device = Peer.From(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 5001), 0);
    public static readonly Peer Elsewhere = Peer.From(new IPEndPoint(IPAddress.Parse("2001:db8::2"), 5002), 0);

    static readonly string[] Listeners = ["udp:default", "udp:second", "dtls:default"];

    readonly DeviceGateway _gateway;
    ushort _messageId = 100;

    public GatewayUnderTest(MemoryLog? log = null, FakeTimeProvider? time = null, int slot = 0, long epoch = 1, int seed = 7,
        GatewayConfiguration? configuration = null, IAdmission? admission = null, IProofs? proofs = null, bool records = false)
    {
        Configuration = configuration ?? Configuration;
        Log = log ?? new MemoryLog();
        Time = time ?? new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
        var clock = new Clock(Time);
        var random = new Random(seed);
        Node = new Node
        {
            Clock = clock,
            Random = random,
            Log = Log,
            Outlet = this,
            Recorder = records ? new Recorder(clock, new IngressTelemetry(Meters)) : null,
            Topics = new Topics("t"),
            Configuration = () => Configuration,
            Telemetry = new IngressTelemetry(Meters),
            Identifiers = new Identifiers("secret", slot),
            Sessions = new SessionTable(name => Math.Max(0, Array.IndexOf(Listeners, name)), clock, random),
            Listeners = Listeners,
            Proofs = proofs ?? NothingProven.Instance,
            Admission = admission ?? NobodyAsked.Instance,
            Slot = slot,
            Epoch = epoch,
        };
        _gateway = new DeviceGateway(Node);
        foreach (var entry in Log.Entries.Where(e => e.Topic == "t.sessions"))
            _gateway.ReadSession(entry.Key, entry.Value);
        foreach (var (offset, entry) in Log.Entries.Index().Where(e => e.Item.Topic == "t.registrations"))
            _gateway.ReadRegistration(entry.Key, entry.Value, offset);
        _gateway.Resume();
        Log.Reader = _gateway;
    }

    public MemoryLog Log { get; }
    public FakeTimeProvider Time { get; }
    public Node Node { get; }
    public GatewayConfiguration Configuration { get; set; } = new();

    /// <summary>Datagrams sent and not looked at yet.</summary>
    public Queue<(Peer Peer, byte[] Datagram)> Sent { get; } = new();

    void IDatagramOutlet.Send(in Peer peer, ReadOnlySpan<byte> datagram) => Sent.Enqueue((peer, datagram.ToArray()));

    public void Receive(byte[] datagram, Peer? from = null) => _gateway.Receive(from ?? Device, datagram);

    public (int Sessions, int Live, int Messages, long Evicted, int Outcomes, int Newcomers, int Asking) Levels => _gateway.Levels();

    public void Move(Peer from, Peer to) => _gateway.Move(from, to);

    public void Operate(DownlinkOperation operation) => _gateway.Operate(operation);

    public void Advance(TimeSpan time)
    {
        // In small steps, as timers would come.
        for (var left = time; left > TimeSpan.Zero; left -= TimeSpan.FromMilliseconds(250))
        {
            Time.Advance(left < TimeSpan.FromMilliseconds(250) ? left : TimeSpan.FromMilliseconds(250));
            _gateway.OnTimer();
        }
    }

    /// <summary>The next datagram as hex, or "" where none was sent.</summary>
    public string NextHex() => Sent.TryDequeue(out var sent) ? Convert.ToHexStringLower(sent.Datagram) : "";

    public byte[] Next() => Sent.Dequeue().Datagram;

    public byte[] Request(CoapCode code, string path, string query = "", string payload = "", CoapType type = CoapType.Confirmable, string token = "aa")
    {
        var buffer = new byte[2048];
        var writer = new CoapWriter(buffer, type, code, _messageId++, Convert.FromHexString(token));
        writer.AddUriPath(path);
        if (payload.Length > 0)
            writer.AddOption(CoapOptionNumber.ContentFormat, 40u);
        writer.AddUriQuery(query);
        writer.AddPayload(Encoding.UTF8.GetBytes(payload));
        Assert.True(writer.TryFinish(out var length));
        return buffer[..length];
    }

    /// <summary>A message of the device with token, options and payload of its own.</summary>
    public static byte[] Response(CoapType type, CoapCode code, ushort messageId, ReadOnlySpan<byte> token, uint? observe = null, ushort? format = null, byte[]? payload = null)
    {
        var buffer = new byte[2048];
        var writer = new CoapWriter(buffer, type, code, messageId, token);
        if (observe is { } value)
            writer.AddOption(CoapOptionNumber.Observe, value);
        if (format is { } number)
            writer.AddOption(CoapOptionNumber.ContentFormat, number);
        writer.AddPayload(payload ?? []);
        Assert.True(writer.TryFinish(out var length));
        return buffer[..length];
    }

    /// <summary>Registers a device and returns its registration id.</summary>
    public string Register(string endpoint = "ep1", string query = "&lt=300&lwm2m=1.0", string objects = "</1/0>,</3/0>", Peer? from = null)
    {
        Receive(Request(CoapCode.Post, "rd", "ep=" + endpoint + query, objects), from);
        Log.Settle();
        return LocationOf(Next());
    }

    public static string LocationOf(byte[] datagram)
    {
        Assert.Equal(CoapParseError.None, CoapFrame.TryParse(datagram, out var frame));
        Assert.Equal("2.01", frame.Code.Dotted);
        var location = "";
        foreach (var segment in frame.LocationPath)
            location += "/" + Encoding.UTF8.GetString(segment);
        Assert.StartsWith("/rd/", location, StringComparison.Ordinal);
        return location["/rd/".Length..];
    }

    public static string CodeOf(byte[] datagram)
    {
        Assert.Equal(CoapParseError.None, CoapFrame.TryParse(datagram, out var frame));
        return frame.Code.Dotted;
    }

    /// <summary>The next datagram as Code, token and message id; it must be there.</summary>
    public (CoapCode Code, byte[] Token, ushort Id, uint? Observe, string Path) NextRequest()
    {
        Assert.True(Sent.TryDequeue(out var sent), "nothing was sent");
        CoapFrame.TryParse(sent.Datagram, out var frame);
        var path = "";
        foreach (var segment in frame.UriPath)
            path += "/" + Encoding.UTF8.GetString(segment);
        return (frame.Code, frame.Token.ToArray(), frame.MessageId, frame.Observe, path);
    }

    /// <summary>The device answers the next request.</summary>
    public byte[] AnswerNext(string path, CoapCode code, uint? observe = null, byte[]? payload = null, Peer? from = null)
    {
        var request = NextRequest();
        Assert.Equal(path, request.Path);
        Receive(Response(CoapType.Acknowledgement, code, request.Id, request.Token, observe, payload is null ? null : (ushort)0, payload), from);
        return request.Token;
    }

    /// <summary>A process that takes this one's place, or another replica, on the same log.</summary>
    public GatewayUnderTest Successor(int slot = 0, long epoch = 2, MemoryLog? log = null) =>
        new(log ?? Log, Time, slot, epoch, seed: 8 + slot) { Configuration = Configuration, _messageId = (ushort)(_messageId + 1000) };

    public DownlinkOperation Operation(OperationKind kind, string path, string id = "c1", string endpoint = "ep1", byte[]? payload = null, TimeSpan? within = null)
    {
        var operation = new DownlinkOperation
        {
            Schema = 1,
            Endpoint = endpoint,
            Kind = kind,
            Path = path,
            DeadlineMs = Time.GetUtcNow().Add(within ?? TimeSpan.FromHours(2)).ToUnixTimeMilliseconds(),
            Command = new CommandContext { CommandId = id, MsgType = "x" },
        };
        if (payload is not null)
        {
            operation.Payload = ByteString.CopyFrom(payload);
            operation.ContentFormat = 11542;
        }

        return operation;
    }
}
