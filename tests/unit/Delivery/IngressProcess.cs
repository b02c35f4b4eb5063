using Contracts;
using Contracts.Configuration;
using Ingress;
using Ingress.Journal;
using Ingress.Registrations;
using Ingress.Sockets;
using Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Pipeline.Tests.Delivery;

/// <summary>One Ingress from its start to its death: the real decision code, and in place of Kafka, sockets and threads the scheduler.</summary>
sealed class IngressProcess : ILog, IDatagramOutlet
{
    static readonly IngressTelemetry Telemetry =
        new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());

    static readonly string[] Listeners = ["udp:default"];
    static readonly GatewayConfiguration Configuration = new();

    readonly World _world;
    readonly Node _node;
    readonly List<(Action<bool> Answer, long[] Ends)> _questions = [];
    readonly long[] _restored;

    public IngressProcess(World world, int slot)
    {
        _world = world;
        Slot = slot;
        // As the service does it: the end of downlink is taken before the slot is claimed.
        var end = world.Downlink(slot).End;
        Epoch = world.Claim(slot);
        Name = $"ingress {slot}.{Epoch}";
        Producer = new Producer(world, Name);
        var clock = new Clock(world.Time);
        var random = new Random(world.Random.Next());
        _node = new Node
        {
            Clock = clock,
            Random = random,
            Log = this,
            Outlet = this,
            Topics = Cluster.Topics,
            Configuration = () => Configuration,
            Telemetry = Telemetry,
            Identifiers = new Identifiers("secret", slot),
            Sessions = new SessionTable(_ => 0, clock, random),
            Listeners = Listeners,
            Slot = slot,
            Epoch = Epoch,
        };
        Gateway = new DeviceGateway(_node);
        Sessions = [.. world.Cluster.All(Cluster.Topics.Sessions).Select(l => new Reader(l, 0, r => Gateway.ReadSession(r.Key, r.Value)))];
        Registrations = [.. world.Cluster.All(Cluster.Topics.Registrations).Select(l => new Reader(l, 0, r => Gateway.ReadRegistration(r.Key, r.Value, r.Offset)))];
        Downlink = new Reader(world.Downlink(slot), end, r => Gateway.Operate(DownlinkOperation.Parser.ParseFrom(r.Value)));
        Instances = new Reader(world.Instances, Epoch + 1, Watch);
        _restored = [.. Sessions.Concat(Registrations).Select(r => r.Log.End)];
        world.Trace($"{Name} starts");
    }

    public int Slot { get; }
    public long Epoch { get; }
    public string Name { get; }
    public DeviceGateway Gateway { get; }
    public Producer Producer { get; }

    public IReadOnlyList<Reader> Sessions { get; }
    public IReadOnlyList<Reader> Registrations { get; }
    public Reader Downlink { get; }
    public Reader Instances { get; }

    /// <summary>It has read what the logs held when it started, and hears devices.</summary>
    public bool IsReady { get; private set; }

    public bool IsPaused { get; set; }

    /// <summary>It has seen that its slot has a newer epoch.</summary>
    public bool IsReplaced { get; private set; }

    public int Questions => _questions.Count;

    public SessionTable Table => _node.Sessions;

    public bool Owns(Session session) => _node.Owns(session);

    /// <summary>Hears devices once everything that stood in the logs at the start has been read.</summary>
    public bool TryGetReady()
    {
        if (IsReady || Sessions.Concat(Registrations).Where((r, i) => r.Next < _restored[i]).Any())
            return false;
        IsReady = true;
        _world.Trace($"{Name} is ready");
        Gateway.Resume();
        return true;
    }

    /// <summary>The first question that may be answered: what stood in the log when it was asked has been read.</summary>
    public bool TryAnswer()
    {
        var at = _questions.FindIndex(q => Sessions.Select((r, i) => r.Next >= q.Ends[i]).All(read => read));
        if (at < 0)
            return false;
        var question = _questions[at];
        _questions.RemoveAt(at);
        _world.Trace($"{Name} has read sessions to the end that it asked for");
        question.Answer(true);
        return true;
    }

    /// <summary>It took too long.</summary>
    public void GiveUpQuestion()
    {
        var question = _questions[0];
        _questions.RemoveAt(0);
        _world.Trace($"{Name} waits no longer for the end of sessions");
        question.Answer(false);
    }

    AppendStatus ILog.TryAppend(string topic, int partition, byte[] key, byte[]? value, IAppendSink sink, long cookie)
    {
        if (_world.RefusesAppend())
            return AppendStatus.QueueFull;
        Producer.Hand(_world.Cluster.Place(topic, partition, key), key, value, [], sink, cookie);
        return AppendStatus.Handed;
    }

    void ILog.AskForEndOfSessions(Action<bool> answer) => _questions.Add((answer, [.. Sessions.Select(r => r.Log.End)]));

    void IDatagramOutlet.Send(in Peer peer, ReadOnlySpan<byte> datagram) => _world.Network.SendDown(this, peer, datagram.ToArray());

    void Watch(LogRecord record)
    {
        if (!record.Key.AsSpan().SequenceEqual(World.InstanceKey(Slot)) || !InstanceRecord.TryParse(record.Value, out var instance))
            return;
        IsReplaced |= instance!.EpochClaimed(record.Offset) > Epoch;
    }
}
