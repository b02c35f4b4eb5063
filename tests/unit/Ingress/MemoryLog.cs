using Contracts;
using Ingress;
using Ingress.Journal;
using Messaging;

namespace Pipeline.Tests.Ingress;

/// <summary>Logs in memory. Nothing is acknowledged or read before the test says so.</summary>
sealed class MemoryLog : ILog
{
    public sealed record Entry(string Topic, byte[] Key, byte[]? Value);

    readonly Queue<(Entry Entry, IAppendSink Sink, long Cookie)> _handed = new();
    readonly List<Action<bool>> _questions = [];

    /// <summary>Everything that was acknowledged, in order.</summary>
    public List<Entry> Entries { get; } = [];

    /// <summary>What offers are answered with.</summary>
    public AppendStatus Status { get; set; } = AppendStatus.Handed;

    /// <summary>Longest value, in bytes, that is taken.</summary>
    public int LargestRecord { get; set; } = int.MaxValue;

    public int Handed => _handed.Count;

    /// <summary>Who reads the sessions topic.</summary>
    public DeviceGateway? Reader { get; set; }

    /// <summary>Who else reads it.</summary>
    public List<DeviceGateway> Audience { get; } = [];

    public IEnumerable<UplinkEvent> Uplink => Entries.Where(e => e.Topic == "t.uplink").Select(e => UplinkEvent.Parser.ParseFrom(e.Value));

    public IEnumerable<SessionRecord> Sessions => Entries.Where(e => e is { Topic: "t.sessions", Value: not null }).Select(e => SessionRecord.Parser.ParseFrom(e.Value));

    public IEnumerable<RegistrationRecord> Registrations => Entries.Where(e => e is { Topic: "t.registrations", Value: not null })
        .Select(e => RegistrationRecord.TryParse(e.Value, out var record) ? record! : throw new InvalidDataException());

    public AppendStatus TryAppend(string topic, int partition, byte[] key, byte[]? value, IAppendSink sink, long cookie)
    {
        if (value?.Length > LargestRecord)
            return AppendStatus.TooLarge;
        if (Status == AppendStatus.Handed)
            _handed.Enqueue((new Entry(topic, key, value), sink, cookie));
        return Status;
    }

    public void AskForEndOfSessions(Action<bool> answer) => _questions.Add(answer);

    /// <summary>Kafka takes one record: it stands in the log, is acknowledged, and a session record is read.</summary>
    public Entry TakeOne(bool acknowledged = true)
    {
        var (entry, sink, cookie) = _handed.Dequeue();
        if (acknowledged)
            Put(entry);
        sink.Appended(cookie, 0, Entries.Count - 1, acknowledged);
        return entry;
    }

    /// <summary>A record stands in the log, whoever wrote it.</summary>
    public void Put(Entry entry)
    {
        Entries.Add(entry);
        foreach (var reader in Audience.Append(Reader).OfType<DeviceGateway>().Distinct().ToList())
        {
            if (entry.Topic == "t.sessions")
                reader.ReadSession(entry.Key, entry.Value);
            else if (entry.Topic == "t.registrations")
                reader.ReadRegistration(entry.Key, entry.Value, Entries.Count - 1);
        }
    }

    /// <summary>Kafka takes all that it is given, until nothing more comes.</summary>
    public void Settle()
    {
        while (_handed.Count > 0 || _questions.Count > 0)
        {
            if (_handed.Count > 0)
                TakeOne();
            AnswerQuestions(isReached: true);
        }
    }

    /// <summary>Says to all who have asked whether they have read to the end.</summary>
    public void AnswerQuestions(bool isReached)
    {
        foreach (var question in _questions.ToList())
        {
            _questions.Remove(question);
            question(isReached);
        }
    }
}
