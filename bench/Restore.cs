using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Contracts;
using Contracts.Configuration;
using Ingress;
using Ingress.Journal;
using Ingress.Registrations;
using Ingress.Sockets;
using Messaging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Protocol.Coap;
using Node = Ingress.Node;

namespace Pipeline.Bench;

/// <summary>
/// What a restart of Ingress reads, and how long it takes: sessions of devices that have registered and updated are written to a real Kafka,
/// and an Ingress is started on them; first with every Update still in the log, then compacted.
/// </summary>
static class Restore
{
    const int Updates = 3;
    const string Objects = "</>;rt=\"oma.lwm2m\";ct=11542,</1/0>,</3/0>,</4/0>,</5/0>,</6/0>,</7/0>,</19/0>,"
        + "</3303/0>,</3303/1>,</3304/0>,</3316/0>,</3342/0>";

    static readonly TimeSpan CompactionMayTake = TimeSpan.FromMinutes(3);

    public static async Task RunAsync(string servers, int devices)
    {
        var kafka = new KafkaOptions { BootstrapServers = servers, TopicPrefix = $"restore{Random.Shared.Next(100_000)}" };
        var connection = KafkaConnection.From(kafka);
        var topics = new Topics(kafka.TopicPrefix);
        await TopicProvisioning.EnsureAsync(connection, topics.Specs(kafka, embedded: false), NullLogger.Instance, default);
        using (var producer = new LogProducer(connection, "bench", NullLogger.Instance))
        {
            var fleet = new Fleet(producer, topics);
            for (var round = 0; round <= Updates; round++)
                fleet.Round(devices, isRegister: round == 0);
            producer.Flush(TimeSpan.FromMinutes(2));
        }

        await TellAsync("every Update in the log");
        await CompactAsync();
        await TellAsync("compacted");

        async Task TellAsync(string state)
        {
            var (records, bytes) = await CountAsync(connection, topics, connection.Options.PartitionsOn(embedded: false));
            var (ready, cpu) = await StartIngressAsync(kafka);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{state}: {records} records, {bytes / 1e6:0.0} MB of sessions and registrations ({(double)bytes / devices:0} B a device); ready after {ready.TotalSeconds:0.0} s, {cpu.TotalMicroseconds / devices:0} us of CPU a device"));
        }

        async Task CompactAsync()
        {
            using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = servers }).Build();
            var eager = new[] { ("segment.ms", "1000"), ("min.compaction.lag.ms", "0"), ("min.cleanable.dirty.ratio", "0.01") }
                .Select(s => new ConfigEntry { Name = s.Item1, Value = s.Item2, IncrementalOperation = AlterConfigOpType.Set }).ToList();
            await admin.IncrementalAlterConfigsAsync(new[] { topics.Sessions, topics.Registrations }
                .ToDictionary(topic => new ConfigResource { Name = topic, Type = ResourceType.Topic }, _ => eager));
            await Task.Delay(2000);
            // A new record closes the segment before it. This one is nobody's.
            using (var producer = new LogProducer(connection, "bench", NullLogger.Instance))
            {
                foreach (var topic in new[] { topics.Sessions, topics.Registrations })
                {
                    for (var partition = 0; partition < kafka.PartitionsOn(embedded: false); partition++)
                        await producer.AppendAsync(topic, partition, "nobody"u8.ToArray(), null, null, default);
                }
            }

            var watch = Stopwatch.StartNew();
            while (watch.Elapsed < CompactionMayTake && (await CountAsync(connection, topics, connection.Options.PartitionsOn(embedded: false))).Records > 2.1 * devices)
                await Task.Delay(5000);
        }
    }

    static async Task<(long Records, long Bytes)> CountAsync(KafkaConnection connection, Topics topics, int partitions)
    {
        var (records, bytes) = (0L, 0L);
        using var reader = new LogReader(connection, "bench-count", NullLogger.Instance);
        var positions = new[] { topics.Sessions, topics.Registrations }
            .SelectMany(topic => Enumerable.Range(0, partitions).Select(p => new LogPosition(topic, p, LogPosition.Beginning))).ToList();
        reader.Start(positions, record =>
        {
            records++;
            bytes += record.Key.Length + (record.Value?.Length ?? 0);
        });
        while (!reader.IsCaughtUp)
            await Task.Delay(20);
        return (records, bytes);
    }

    static async Task<(TimeSpan Ready, TimeSpan Cpu)> StartIngressAsync(KafkaOptions kafka)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.Combine(folder.Parent!.Parent!.FullName, "Ingress", folder.Name, "Ingress.dll");
        var port = FreePort();
        using var process = Process.Start(new ProcessStartInfo("dotnet",
            [program, $"--kafka:bootstrap_servers={kafka.BootstrapServers}", $"--kafka:topic_prefix={kafka.TopicPrefix}",
                "--gateway:lwm2m:listeners:udp:default:bind=127.0.0.1:0", $"--http:bind=127.0.0.1:{port}"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var said = process.StandardOutput.ReadToEndAsync();
        try
        {
            using var client = new HttpClient();
            var watch = Stopwatch.StartNew();
            while (!await IsReadyAsync(client, port))
            {
                if (process.HasExited)
                    throw new InvalidOperationException(await said);
                await Task.Delay(50);
            }

            process.Refresh();
            return (watch.Elapsed, process.TotalProcessorTime);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    static async Task<bool> IsReadyAsync(HttpClient client, int port)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/readyz"));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A gateway that reads back at once what it writes, and passes sessions and registrations on to Kafka.</summary>
    sealed class Fleet : TimeProvider, IDatagramOutlet, ILog
    {
        const int Lifetime = 86_400;

        static readonly TimeSpan BetweenRounds = TimeSpan.FromMinutes(10);

        readonly LogProducer _producer;
        readonly Topics _topics;
        readonly DeviceGateway _gateway;
        readonly Node _node;
        readonly ConcurrentQueue<(byte[] Key, byte[]? Value, IAppendSink Sink, long Cookie, bool IsSession)> _handed = new();
        readonly byte[] _request = new byte[2048];
        DateTimeOffset _now = DateTimeOffset.UtcNow - (Updates * BetweenRounds);
        ushort _messageId;

        public Fleet(LogProducer producer, Topics topics)
        {
            (_producer, _topics) = (producer, topics);
            var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
            var clock = new Clock(this);
            var configuration = new GatewayConfiguration { Ingress = new IngressOptions { MaxSessions = 10_000_000 } };
            _node = new Node
            {
                Clock = clock,
                Random = new Random(1),
                Log = this,
                Outlet = this,
                Topics = topics,
                Configuration = () => configuration,
                Telemetry = new IngressTelemetry(meters),
                Identifiers = new Identifiers(null, 0),
                Sessions = new SessionTable(_ => 0, clock, new Random(2)),
                Listeners = ["udp:default"],
                Slot = 0,
            };
            _gateway = new DeviceGateway(_node);
            _gateway.Resume(_ => true);
        }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.UtcTicks;

        public override DateTimeOffset GetUtcNow() => _now;

        public void Round(int devices, bool isRegister)
        {
            for (var device = 0; device < devices; device++)
                Send(device, isRegister);
            _now += BetweenRounds;
        }

        void IDatagramOutlet.Send(in Peer peer, ReadOnlySpan<byte> datagram)
        {
        }

        AppendStatus ILog.TryAppend(string topic, int partition, byte[] key, byte[]? value, IAppendSink sink, long cookie)
        {
            if (topic == _topics.Sessions || topic == _topics.Registrations)
            {
                while (_producer.TryAppend(topic, partition, key, value, null, Unheeded.Sink, 0) != AppendStatus.Handed)
                    Thread.Sleep(1);
            }

            _handed.Enqueue((key, value, sink, cookie, topic == _topics.Sessions));
            return AppendStatus.Handed;
        }

        void ILog.AskForEndOfSessions(Action<bool> answer) => answer(true);

        void Send(int device, bool isRegister)
        {
            var endpoint = $"urn:imei:{356_000_000_000_000L + device}";
            var writer = new CoapWriter(_request, CoapType.Confirmable, CoapCode.Post, ++_messageId, [1, 2, 3, 4]);
            if (isRegister)
            {
                writer.AddUriPath("rd");
                writer.AddUriQuery($"ep={endpoint}&lt={Lifetime}&lwm2m=1.1&b=U");
                writer.AddPayload(Encoding.UTF8.GetBytes(Objects));
            }
            else
            {
                writer.AddUriPath("rd/" + Identifiers.ToText(_node.Sessions.ByEndpoint(endpoint)!.RegistrationId));
            }

            writer.TryFinish(out var length);
            var address = new IPAddress([10, (byte)(device >> 16), (byte)(device >> 8), (byte)device]);
            _gateway.Receive(Peer.From(new IPEndPoint(address, 5683), 0), _request.AsSpan(0, length));
            while (_handed.TryDequeue(out var handed))
            {
                if (handed.IsSession)
                    _gateway.ReadSession(handed.Key, handed.Value);
                handed.Sink.Appended(handed.Cookie, 0, 0, true);
            }
        }
    }
}
