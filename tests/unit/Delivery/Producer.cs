using Messaging;

namespace Pipeline.Tests.Delivery;

/// <summary>
/// What a process has handed to Kafka: in order for each partition, as an idempotent producer keeps it; over partitions in any order. Landing
/// and hearing of it are two moves. A record that was reported as failed may have landed, may land later, or never; never behind a later one
/// of the same partition.
/// </summary>
sealed class Producer(World world, string name)
{
    readonly List<Line> _lines = [];

    /// <summary>One partition's records on their way.</summary>
    public sealed class Line(Log log)
    {
        public Log Log => log;
        public Queue<Handed> Waiting { get; } = new();
        public Queue<(Handed Handed, long Offset)> Unreported { get; } = new();

        /// <summary>Reported as failed, and on its way all the same.</summary>
        public Queue<Handed> Late { get; } = new();

        public bool IsIdle => Waiting.Count == 0 && Unreported.Count == 0 && Late.Count == 0;
    }

    public sealed record Handed(byte[] Key, byte[]? Value, IReadOnlyList<RecordHeader> Headers, IAppendSink? Sink, long Cookie);

    public IReadOnlyList<Line> Lines => _lines;

    public bool IsIdle => _lines.TrueForAll(l => l.IsIdle);

    public Line LineOf(Log log)
    {
        if (_lines.Find(l => l.Log == log) is { } known)
            return known;
        var line = new Line(log);
        _lines.Add(line);
        return line;
    }

    public void Hand(Log log, byte[] key, byte[]? value, IReadOnlyList<RecordHeader> headers, IAppendSink? sink, long cookie) =>
        LineOf(log).Waiting.Enqueue(new Handed(key, value, headers, sink, cookie));

    /// <summary>The next record lands; what was late before it has been lost.</summary>
    public void Land(Line line)
    {
        line.Late.Clear();
        var handed = line.Waiting.Dequeue();
        line.Unreported.Enqueue((handed, Append(line, handed, "")));
    }

    /// <summary>A record that was reported as failed lands.</summary>
    public void LandLate(Line line) => Append(line, line.Late.Dequeue(), ", late");

    /// <summary>The sender hears of its oldest record that has landed: as it is, or that it has failed.</summary>
    public void Report(Line line, bool succeeded)
    {
        var (handed, offset) = line.Unreported.Dequeue();
        world.Trace($"{name} hears that {World.Short(line.Log.Topic)}@{offset} {(succeeded ? "stands" : "failed, which is wrong")}");
        handed.Sink?.Appended(handed.Cookie, line.Log.Partition, succeeded ? offset : -1, succeeded);
    }

    /// <summary>The sender hears that its next record has failed; it may land later.</summary>
    public void Fail(Line line, bool mayLandLater)
    {
        var handed = line.Waiting.Dequeue();
        world.Trace($"{name} hears that {world.Describe(line.Log.Topic, handed.Key, handed.Value)} has failed{(mayLandLater ? ", which is not certain" : "")}");
        if (mayLandLater)
            line.Late.Enqueue(handed);
        handed.Sink?.Appended(handed.Cookie, line.Log.Partition, -1, false);
    }

    /// <summary>The sender is dead: what it has handed may land, and nobody hears of it.</summary>
    public void Orphan()
    {
        foreach (var line in _lines)
        {
            line.Unreported.Clear();
            while (line.Waiting.TryDequeue(out var handed))
                line.Late.Enqueue(handed);
        }
    }

    long Append(Line line, Handed handed, string how)
    {
        world.Trace($"{World.Short(line.Log.Topic)}@{line.Log.End}{how}: {world.Describe(line.Log.Topic, handed.Key, handed.Value)} by {name}");
        return world.Cluster.Append(line.Log, handed.Key, handed.Value, handed.Headers, world.UnixMs, name).Offset;
    }
}
