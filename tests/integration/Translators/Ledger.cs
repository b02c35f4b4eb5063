using System.Collections.Concurrent;
using System.Text;
using Contracts;
using Messaging;

namespace Pipeline.IntegrationTests.Translators;

/// <summary>What was written for the Translators to work on, and what a consumer of the events was shown of it. Thread-safe.</summary>
sealed class Ledger(int endpoints)
{
    readonly Lock _gate = new();
    readonly Dictionary<string, int> _indices = Enumerable.Range(0, endpoints).ToDictionary(index => $"e{index}");
    readonly int[] _numbers = new int[endpoints];
    readonly Dictionary<string, (int Partition, long Offset)> _written = [];
    readonly Dictionary<string, string> _commands = []; // event id of the outcome to command id
    readonly Dictionary<string, List<(string Id, string Value)>> _shown = [];
    readonly Dictionary<string, int> _times = [];
    int _endpoint;
    int _command;
    readonly int[] _seenOf = new int[TranslatorRig.Partitions];
    int _seen;

    public IEnumerable<string> Endpoints => _indices.Keys;

    /// <summary>Events of notifications that were shown, repeated ones too.</summary>
    public int Seen => Volatile.Read(ref _seen);

    /// <summary>The same by partition.</summary>
    public int SeenOf(int partition) => Volatile.Read(ref _seenOf[partition]);

    /// <summary>Ids of events that are not there yet.</summary>
    public IReadOnlyList<string> Missing
    {
        get
        {
            lock (_gate)
                return [.. _written.Keys.Concat(_commands.Keys).Where(id => !_times.ContainsKey(id)).Select(id => _commands.GetValueOrDefault(id, id))];
        }
    }

    /// <summary>Where the source of each notification lies that was shown more than once.</summary>
    public IReadOnlyList<(int Partition, long Offset)> Repeated
    {
        get
        {
            lock (_gate)
                return [.. _times.Where(entry => entry.Value > 1 && _written.ContainsKey(entry.Key)).Select(entry => _written[entry.Key])];
        }
    }

    /// <summary>Outcomes that were shown more than once.</summary>
    public int RepeatedOutcomes
    {
        get
        {
            lock (_gate)
                return _times.Count(entry => entry.Value > 1 && _commands.ContainsKey(entry.Key));
        }
    }

    public string EndpointOf(int number) => $"e{number % endpoints}";

    public int IndexOf(string endpoint) => _indices[endpoint];

    public (string Endpoint, int Number) Next()
    {
        lock (_gate)
        {
            var index = _endpoint++ % endpoints;
            return ($"e{index}", ++_numbers[index]);
        }
    }

    public int NextCommand() => Interlocked.Increment(ref _command);

    public void Wrote(string endpoint, int number, int partition, long offset)
    {
        lock (_gate)
            _written[$"{IndexOf(endpoint) + 1:x16}{number:x16}-0"] = (partition, offset);
    }

    /// <summary>Of each partition of uplink, the offset behind the newest notification that Kafka has acknowledged.</summary>
    public long[] Written()
    {
        lock (_gate)
            return [.. Enumerable.Range(0, TranslatorRig.Partitions)
                .Select(p => _written.Values.Where(at => at.Partition == p).Select(at => at.Offset + 1).DefaultIfEmpty().Max())];
    }

    public void Commanded(string id)
    {
        lock (_gate)
            _commands[$"{EventId.OfOutcome(id)}-0"] = id;
    }

    public void Saw(LogRecord record)
    {
        var id = Encoding.UTF8.GetString(record.Headers.Single(header => header.Name == EventHeaders.Id).Value);
        var endpoint = Encoding.UTF8.GetString(record.Key);
        lock (_gate)
        {
            if (!_shown.TryGetValue(endpoint, out var shown))
                _shown[endpoint] = shown = [];
            shown.Add((id, Encoding.UTF8.GetString(record.Value!)));
            _times[id] = _times.GetValueOrDefault(id) + 1;
        }

        if (id.StartsWith("00000000", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _seen);
            Interlocked.Increment(ref _seenOf[record.Partition]);
        }
    }

    /// <summary>What must hold after everything: nothing lost, first arrivals in order, one outcome for each command, equal ids are the same event.</summary>
    public void AssertSound()
    {
        Assert.Empty(Missing);
        lock (_gate)
        {
            foreach (var (endpoint, shown) in _shown)
            {
                var first = shown.Select(entry => entry.Id).Where(_written.ContainsKey).Distinct().ToList();
                Assert.True(first.Order(StringComparer.Ordinal).SequenceEqual(first), $"{endpoint}: first arrivals are out of order");
                Assert.All(shown.GroupBy(entry => entry.Id), same => Assert.Single(same.Select(entry => entry.Value).Distinct()));
            }

            var strange = _times.Keys.Where(id => !_written.ContainsKey(id) && !_commands.ContainsKey(id)).ToList();
            Assert.Empty(strange);
        }
    }
}
