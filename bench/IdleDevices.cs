using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Contracts;
using Contracts.Configuration;
using Google.Protobuf;
using Ingress;
using Ingress.Journal;
using Ingress.Registrations;
using Ingress.Sockets;
using Messaging;
using Microsoft.Extensions.DependencyInjection;
using Protocol.Coap;

namespace Pipeline.Bench;

/// <summary>
/// What registered devices cost one Ingress: memory when they are idle, then when each is observed, registrations a second, and the timers
/// of their lifetimes. On a log in memory that gives every record back and keeps none, and a clock that is moved by hand.
/// </summary>
static class IdleDevices
{
    const string Objects = "</>;rt=\"oma.lwm2m\";ct=11542,</1/0>,</3/0>,</4/0>,</5/0>,</6/0>,</7/0>,</19/0>,"
        + "</3303/0>,</3303/1>,</3304/0>,</3316/0>,</3342/0>";
    const int Lifetime = 3600;
    const int UpdateEvery = Lifetime * 9 / 10;

    static readonly TimeSpan MessagesAreRemembered = TimeSpan.FromMinutes(5);

    public static void Run(int devices)
    {
        var gateway = new Gateway();
        // What is there once: code, tables, the first collections.
        gateway.Register(devices);
        gateway.Idle(MessagesAreRemembered);
        var empty = Memory.Now();

        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var cpu = Stopwatch.StartNew();
        for (var i = 0; i < devices; i++)
            gateway.Register(i);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Say($"Register: {devices / cpu.Elapsed.TotalSeconds:N0}/s on one thread, {Each(allocated)} B allocated");

        gateway.Idle(MessagesAreRemembered);
        var idle = Memory.Now();
        Say($"registered and idle: {Cost(idle)} for each device; {gateway.RecordBytes(0)} B of it are the session record");

        var timers = gateway.Hour(devices, UpdateEvery, out var updates, out var pending);
        Say($"one hour of timers: {timers.TotalNanoseconds / devices:N0} ns for each device; {updates} Updates, {pending} entries in the timetable");

        for (var i = 0; i < devices; i++)
            gateway.Observe(i);
        gateway.Idle(MessagesAreRemembered);
        var observed = Memory.Now();
        Say($"observed, one notification each: {Cost(observed)} for each device");
        GC.KeepAlive(gateway);

        string Cost(Memory now) => $"{Each(now.Heap - empty.Heap)} B of managed heap, {Each(now.Resident - empty.Resident)} B of RSS";
        string Each(long bytes) => ((double)bytes / devices).ToString("N0", CultureInfo.InvariantCulture);
        static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }

    sealed class Gateway : TimeProvider, IDatagramOutlet, ILog
    {
        readonly Queue<(string Topic, byte[] Key, byte[]? Value, IAppendSink Sink, long Cookie)> _handed = new();
        readonly byte[] _sent = new byte[2048];
        readonly byte[] _request = new byte[2048];
        readonly DeviceGateway _gateway;
        readonly Node _node;
        readonly Topics _topics = new("bench");
        long _now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000).UtcTicks;
        int _length;
        ushort _messageId;

        public Gateway()
        {
            var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
            var clock = new Clock(this);
            var configuration = new GatewayConfiguration { Ingress = new IngressOptions { MaxSessions = 10_000_000 } };
            _node = new Node
            {
                Clock = clock,
                Random = new Random(1),
                Log = this,
                Outlet = this,
                Topics = _topics,
                Configuration = () => configuration,
                Telemetry = new IngressTelemetry(meters),
                Identifiers = new Identifiers("bench", 0),
                Sessions = new SessionTable(_ => 0, clock, new Random(2)),
                Listeners = ["udp:default"],
                Slot = 0,
                Epoch = 1,
            };
            _gateway = new DeviceGateway(_node);
            _gateway.Resume();
        }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public override DateTimeOffset GetUtcNow() => new(_now, TimeSpan.Zero);

        public void Register(int device)
        {
            Request(CoapCode.Post, "rd", $"ep={Name(device)}&lt={Lifetime}&lwm2m=1.1&b=U", Objects);
            Receive(device);
            CoapFrame.TryParse(_sent.AsSpan(0, _length), out var answer);
            if (answer.Code != CoapCode.Created)
                throw new InvalidOperationException($"a Register was answered {answer.Code}");
        }

        /// <summary>The device is observed, and notifies once.</summary>
        public void Observe(int device)
        {
            _gateway.Operate(new DownlinkOperation
            {
                Schema = Schema.Current,
                Endpoint = Name(device),
                Kind = OperationKind.Observe,
                Path = "/3303/0",
                DeadlineMs = long.MaxValue,
                Command = new CommandContext
                {
                    CommandId = "c" + device,
                    MsgType = "observe",
                    ReqPath = "/3303/0",
                    Echo = ByteString.CopyFromUtf8("{\"reqID\":1,\"msgType\":\"observe\",\"data\":{\"path\":\"/3303/0\"}}"),
                },
            });
            Settle();
            CoapFrame.TryParse(_sent.AsSpan(0, _length), out var get);
            var token = get.Token.ToArray();
            Notify(device, CoapType.Acknowledgement, get.MessageId, token, 1);
            Notify(device, CoapType.Confirmable, ++_messageId, token, 2);
        }

        /// <summary>Time passes; what one device says meanwhile lets old messages be forgotten.</summary>
        public void Idle(TimeSpan time)
        {
            for (var i = 0; i < 100; i++)
            {
                _now += time.Ticks / 100;
                Settle();
                _gateway.OnTimer();
            }
        }

        /// <summary>One hour in which every device updates in time, and the timer thread looks every 20 ms. Returns the CPU of the latter.</summary>
        public TimeSpan Hour(int devices, int updateEvery, out int updates, out int pending)
        {
            const int Looks = 3600 * 50;
            var cpu = new Stopwatch();
            (updates, pending) = (0, 0);
            for (var look = 0; look < Looks; look++)
            {
                for (; updates < (long)devices * look / (50 * updateEvery) && updates < devices; updates++)
                    Update(updates);
                _now += TimeSpan.TicksPerMillisecond * 20;
                cpu.Start();
                _gateway.OnTimer();
                cpu.Stop();
                Settle();
                pending = Math.Max(pending, _node.Timetable.Count);
            }

            return cpu.Elapsed;
        }

        public int RecordBytes(int device) => _node.Sessions.ByEndpoint(Name(device))!.Record.Length;

        public AppendStatus TryAppend(string topic, int partition, byte[] key, byte[]? value, IAppendSink sink, long cookie)
        {
            _handed.Enqueue((topic, key, value, sink, cookie));
            return AppendStatus.Handed;
        }

        public void AskForEndOfSessions(Action<bool> answer) => answer(true);

        public void Send(in Peer peer, ReadOnlySpan<byte> datagram)
        {
            datagram.CopyTo(_sent);
            _length = datagram.Length;
        }

        static string Name(int device) => string.Create(CultureInfo.InvariantCulture, $"urn:imei:{356_000_000_000_000 + device:d15}");

        static Peer Address(int device)
        {
            Span<byte> address = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(address, 0x0A000001 + device);
            return Peer.From(new IPEndPoint(new IPAddress(address), 5683), 0);
        }

        void Update(int device)
        {
            Request(CoapCode.Post, "rd/" + Identifiers.ToText(_node.Sessions.ByEndpoint(Name(device))!.RegistrationId), "", "");
            Receive(device);
            CoapFrame.TryParse(_sent.AsSpan(0, _length), out var answer);
            if (answer.Code != CoapCode.Changed)
                throw new InvalidOperationException($"an Update was answered {answer.Code}");
        }

        void Notify(int device, CoapType type, ushort id, byte[] token, uint sequence)
        {
            var writer = new CoapWriter(_request, type, CoapCode.Content, id, token);
            writer.AddOption(CoapOptionNumber.Observe, sequence);
            writer.AddOption(CoapOptionNumber.ContentFormat, 11542u);
            writer.AddPayload([0xE8, 0x16, 0x44, 0x04, 0x41, 0xB9, 0x99, 0x9A]);
            writer.TryFinish(out _length);
            Receive(device);
        }

        void Request(CoapCode code, string path, string query, string payload)
        {
            var writer = new CoapWriter(_request, CoapType.Confirmable, code, ++_messageId, [1, 2, 3, 4]);
            writer.AddUriPath(path);
            writer.AddUriQuery(query);
            writer.AddPayload(Encoding.UTF8.GetBytes(payload));
            writer.TryFinish(out _length);
        }

        void Receive(int device)
        {
            _gateway.Receive(Address(device), _request.AsSpan(0, _length));
            Settle();
        }

        void Settle()
        {
            while (_handed.TryDequeue(out var handed))
            {
                if (handed.Topic == _topics.Sessions)
                    _gateway.ReadSession(handed.Key, handed.Value);
                handed.Sink.Appended(handed.Cookie, 0, 0, true);
            }
        }
    }
}
