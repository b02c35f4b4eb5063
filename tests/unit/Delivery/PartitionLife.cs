using Contracts;
using Messaging;
using Pipeline.Tests.Translator;
using Translator.Operations;
using Translator.Partitions;

namespace Pipeline.Tests.Delivery;

/// <summary>
/// One partition at one Translator, from its assignment to its end: the real decisions and the real outbox. Stands in for PartitionRunner, whose
/// question for the end of registrations goes through the thread pool.
/// </summary>
sealed class PartitionLife : IDisposable
{
    static readonly string[] Consumed = [Cluster.Topics.Uplink, Cluster.Topics.Commands];

    readonly World _world;
    readonly TranslatorProcess _process;
    readonly TranslatorPartition _decisions;
    readonly Outbox _outbox;
    readonly Queue<LogRecord> _commands = new();
    readonly Dictionary<string, SortedSet<long>> _open = Consumed.ToDictionary(t => t, _ => new SortedSet<long>());
    readonly long[] _assigned;
    long? _questionEnd;
    int _certain;

    public PartitionLife(World world, TranslatorProcess process, int partition)
    {
        (_world, _process, Partition) = (world, process, partition);
        var topics = Cluster.Topics;
        _decisions = new TranslatorPartition(partition, Cluster.Partitions, topics, () => Given.Rules, process.Slots, Given.Telemetry, new OperationLimits());
        _outbox = new Outbox(new Lock(), TryAppend, topics.DeadLetters, Done, Given.Telemetry, world.Time);
        Operations = new Reader(world.Cluster.Of(topics.Operations, partition), 0, _decisions.FoldOperation);
        Registrations = new Reader(world.Cluster.Of(topics.Registrations, partition), 0, r => Carry(_decisions.FoldRegistration(r)));
        Uplink = new Reader(world.Cluster.Of(topics.Uplink, partition), world.CommittedOf(topics.Uplink, partition), r => Take(r, Handle));
        Commands = new Reader(world.Cluster.Of(topics.Commands, partition), world.CommittedOf(topics.Commands, partition), r => Take(r, _commands.Enqueue));
        _assigned = [Operations.Log.End, Registrations.Log.End, process.Instances.Log.End];
        world.Trace($"{process.Name} has partition {partition} from uplink@{Uplink.Next}, commands@{Commands.Next}");
    }

    public int Partition { get; }
    public Reader Operations { get; }
    public Reader Registrations { get; }
    public Reader Uplink { get; }
    public Reader Commands { get; }

    /// <summary>What was accepted and closed before the assignment is known.</summary>
    public bool IsReleased { get; private set; }

    public OperationBook Book => _decisions.Book;

    /// <summary>Takes nothing new, waits for nothing.</summary>
    public bool IsIdle => IsReleased && !Uplink.HasMore && !Commands.HasMore && _commands.Count == 0 && _open.Values.All(o => o.Count == 0);

    public bool TryRelease()
    {
        if (IsReleased || Operations.Next < _assigned[0] || Registrations.Next < _assigned[1] || _process.Instances.Next < _assigned[2])
            return false;
        IsReleased = true;
        _world.Trace($"{_process.Name} begins with partition {Partition}, {Book.OpenCount} commands are open");
        Carry(_decisions.Release());
        return true;
    }

    public void HandOverAll() => Carry(_decisions.HandOverAll());

    public void Tick()
    {
        foreach (var work in _decisions.Tick(_world.UnixMs))
            Carry(work);
    }

    /// <summary>Judges the next command, or asks for the end of registrations first.</summary>
    public bool TryJudge()
    {
        if (!_commands.TryPeek(out var record))
            return false;
        if (_certain == 0 && _decisions.MustCatchUp(record))
        {
            if (_questionEnd is null)
            {
                _questionEnd = Registrations.Log.End;
                _certain = 0;
                return true;
            }

            if (Registrations.Next < _questionEnd)
                return false;
            _certain = 1;
        }

        _questionEnd = null;
        _certain = Math.Max(0, _certain - 1);
        _world.Trace($"{_process.Name} judges {_world.Describe(record.Topic, record.Key, record.Value)} at commands@{record.Offset}");
        Carry(_decisions.Command(_commands.Dequeue(), _world.UnixMs));
        return true;
    }

    /// <summary>Where the group may go on: behind what is done without a gap. It commits only for its member.</summary>
    public bool TryCommit()
    {
        var commits = false;
        foreach (var reader in new[] { Uplink, Commands })
        {
            var topic = reader.Log.Topic;
            var offset = _open[topic].Count > 0 ? _open[topic].Min : reader.Next;
            if (_world.OwnerOf(Partition) != _process || offset <= _world.CommittedOf(topic, Partition))
                continue;
            _world.Cluster.Committed[(topic, Partition)] = offset;
            _world.Trace($"{_process.Name} commits {World.Short(topic)}@{offset}");
            commits = true;
        }

        return commits;
    }

    public void Dispose()
    {
        _outbox.Close();
        _decisions.Dispose();
    }

    void Take(LogRecord record, Action<LogRecord> takes)
    {
        _open[record.Topic].Add(record.Offset);
        takes(record);
    }

    void Handle(LogRecord record)
    {
        _world.Trace($"{_process.Name} takes {World.Short(record.Topic)}@{record.Offset}");
        Carry(_decisions.Uplink(record, _world.UnixMs));
    }

    void Done(LogRecord source) => _open[source.Topic].Remove(source.Offset);

    void Carry(Work? work)
    {
        if (work is not null)
            _outbox.Carry(work);
    }

    // A paused process writes nothing; its outbox tries again when the time goes on.
    AppendStatus TryAppend(LogAppend append, IAppendSink sink, long cookie)
    {
        if (_process.IsPaused || _process.IsDead || _world.RefusesAppend())
            return AppendStatus.QueueFull;
        _process.Producer.Hand(_world.Cluster.Of(append.Topic, append.Partition), append.Key, append.Value, append.Headers ?? [], sink, cookie);
        return AppendStatus.Handed;
    }
}
