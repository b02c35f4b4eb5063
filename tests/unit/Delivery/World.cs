using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Contracts;
using Ingress.Registrations;
using Ingress.Sockets;
using Messaging;
using Microsoft.Extensions.Time.Testing;
using Protocol.Coap;

namespace Pipeline.Tests.Delivery;

/// <summary>
/// Ingresses, Translators, devices and a command source on logs in memory. Nothing happens by itself: every step is a call, made by a
/// <see cref="Storm"/> that a seed drives, or by a test that tells a story. One thread; the same calls give the same world.
/// </summary>
sealed class World
{
    readonly List<string> _lines = [];
    readonly Dictionary<ulong, string> _names = [];
    readonly TranslatorProcess?[] _owners = new TranslatorProcess?[Cluster.Partitions];
    readonly long _started;
    int _number = Device.Answer;
    int _translators;

    public World(int seed = 0, int devices = 2, bool traced = true)
    {
        IsTraced = traced;
        Random = new Random(seed);
        Promises = new Promises(this);
        Network = new Network(this);
        Cluster.Landed += Promises.OnLanded;
        _started = UnixMs;
        Devices = [.. Enumerable.Range(0, devices).Select(i => new Device(this, i))];
    }

    public bool IsTraced { get; }
    public Random Random { get; }
    public Cluster Cluster { get; } = new();
    public FakeTimeProvider Time { get; } = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
    public Promises Promises { get; }
    public Network Network { get; }
    public IReadOnlyList<Device> Devices { get; }
    public List<IngressProcess> Ingresses { get; } = [];
    public List<TranslatorProcess> Translators { get; } = [];

    /// <summary>Of processes that have died: what they had handed over may land yet.</summary>
    public List<Producer> Orphans { get; } = [];

    /// <summary>How often Kafka's producers have no room.</summary>
    public double Refusals { get; set; }

    public long UnixMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public Log Instances => Cluster.Of(Cluster.Topics.Instances);

    public IEnumerable<Producer> Producers => Ingresses.Where(i => !i.IsPaused).Select(i => i.Producer).Concat(Translators.Where(t => !t.IsPaused).Select(t => t.Producer));

    public string Story => string.Join('\n', _lines);

    public static byte[] InstanceKey(int slot) => InstanceRecord.KeyOf("ingress", slot.ToString(CultureInfo.InvariantCulture));

    public Log Downlink(int slot) => Cluster.Of(Cluster.Topics.Downlink, slot);

    public int NextNumber() => ++_number;

    public bool RefusesAppend() => Refusals > 0 && Random.NextDouble() < Refusals;

    public IngressProcess StartIngress(int slot)
    {
        var process = new IngressProcess(this, slot);
        Ingresses.Add(process);
        return process;
    }

    public long Claim(int slot)
    {
        var start = new InstanceRecord { Kind = "start", HeartbeatMs = UnixMs };
        return Cluster.Append(Instances, InstanceKey(slot), start.ToJson(), [], UnixMs, "ingress " + slot).Offset;
    }

    /// <summary>The process is no more. What it has handed to Kafka may land yet.</summary>
    public void Kill(IngressProcess process, string why = "dies")
    {
        Trace($"{process.Name} {why}");
        Ingresses.Remove(process);
        process.Producer.Orphan();
        Orphans.Add(process.Producer);
    }

    public TranslatorProcess StartTranslator()
    {
        var process = new TranslatorProcess(this, "translator " + ++_translators);
        Translators.Add(process);
        return process;
    }

    public void Kill(TranslatorProcess process)
    {
        Trace($"{process.Name} dies");
        Translators.Remove(process);
        process.Die();
        Orphans.Add(process.Producer);
    }

    public TranslatorProcess? OwnerOf(int partition) => _owners[partition];

    public long CommittedOf(string topic, int partition) => Cluster.Committed.GetValueOrDefault((topic, partition));

    /// <summary>The group gives a partition to a process. Who had it lets go first, unless it is paused and hears nothing.</summary>
    public void Assign(int partition, TranslatorProcess to)
    {
        if (OwnerOf(partition) == to)
            return;
        _owners[partition] = to;
        foreach (var had in Translators.Where(t => t != to && !t.IsPaused && t.Lives.ContainsKey(partition)))
            had.Revoke(partition);
        if (to.Lives.ContainsKey(partition))
            to.Revoke(partition);
        to.Assign(partition);
    }

    public void Command(string endpoint, string json, TimeSpan within, string? id = null)
    {
        id ??= "c" + NextNumber();
        var headers = new[]
        {
            new RecordHeader(CommandHeaders.CommandId, Encoding.UTF8.GetBytes(id)),
            new RecordHeader(CommandHeaders.ExpiresAt, Encoding.UTF8.GetBytes((UnixMs + (long)within.TotalMilliseconds).ToString(CultureInfo.InvariantCulture))),
        };
        Trace($"command {id} for {endpoint}: {json}");
        var key = Encoding.UTF8.GetBytes(endpoint);
        Promises.OnCommanded(endpoint, id);
        Cluster.Append(Cluster.Place(Cluster.Topics.Commands, -1, key), key, Encoding.UTF8.GetBytes(json), headers, UnixMs, "an application");
    }

    public void Execute(Device device, TimeSpan within)
    {
        var id = "c" + NextNumber();
        Command(device.Endpoint, $$"""{"msgType":"execute","data":{"path":"/3/0/4","args":"{{id}}"} }""", within, id);
    }

    public void Advance(TimeSpan by)
    {
        Trace($"{by.TotalSeconds} s pass");
        Time.Advance(by);
        Network.Age();
    }

    public void Compact(string topic)
    {
        foreach (var log in Cluster.All(topic))
        {
            if (log.Compact(UnixMs - (long)TimeSpan.FromMinutes(10).TotalMilliseconds) is > 0 and var taken)
                Trace($"compaction takes {taken} records of {Short(topic)}/{log.Partition}");
        }
    }

    public void Trace([InterpolatedStringHandlerArgument("")] TraceLine line)
    {
        if (IsTraced)
            _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{_lines.Count,4} {(UnixMs - _started) / 1000.0,8:0.0} s  {line.Take()}"));
    }

    public string NameOf(in Peer peer)
    {
        var address = peer;
        return Devices.FirstOrDefault(d => d.Address.Equals(address))?.Endpoint ?? peer.ToString();
    }

    /// <summary>A short name for a registration, whose id is random.</summary>
    public string NameOf(ulong registration)
    {
        if (!_names.TryGetValue(registration, out var name))
            _names[registration] = name = "r" + (_names.Count + 1);
        return name;
    }

    public static string Short(string topic) => topic[2..];

    public static string PathOf(in CoapFrame frame)
    {
        var path = "";
        foreach (var segment in frame.UriPath)
            path += "/" + Encoding.UTF8.GetString(segment);
        return path;
    }

    /// <summary>A datagram in a few words.</summary>
    public static string Words(byte[] datagram)
    {
        CoapFrame.TryParse(datagram, out var frame);
        var type = frame.Type switch { CoapType.Confirmable => "CON", CoapType.NonConfirmable => "NON", CoapType.Acknowledgement => "ACK", _ => "RST" };
        var path = PathOf(frame) is { Length: > 0 } uri ? " " + (uri.Length > 12 ? "/rd/.." : uri) : "";
        var payload = frame.Payload.Length is > 0 and < 10 ? $" '{Encoding.UTF8.GetString(frame.Payload)}'" : "";
        return $"{type} {frame.Code.Dotted} #{frame.MessageId}{path}{(frame.Observe is { } o ? $" observe {o}" : "")}{payload}";
    }

    /// <summary>A record in a few words.</summary>
    public string Describe(string topic, byte[] key, byte[]? value) => Descriptions.Of(this, topic, key, value);
}
