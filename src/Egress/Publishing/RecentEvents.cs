using Contracts;
using Messaging;

namespace Egress.Publishing;

/// <summary>What is to be done about an event, by its id.</summary>
internal enum Novelty
{
    /// <summary>Nothing of that id is known: it is to be published, and now counts as under way.</summary>
    New,

    /// <summary>It has been published.</summary>
    Published,

    /// <summary>The same one is on its way to the broker: this one shares its fate.</summary>
    UnderWay,

    /// <summary>The same one is on its way, but is so old that the two may be different events: it is to be published, and is not remembered.</summary>
    TooFarApart,
}

/// <summary>
/// The events of one partition that were published lately, by id, and those under way: so that what the Translator has told twice is published once.
/// Bounded; the oldest makes room. Times are those of the records, so a restart finds the same window. Thread-safe.
/// </summary>
internal sealed class RecentEvents
{
    /// <summary>Published events that are remembered: all that a Translator may tell twice of one partition (2 000 records in its hands, two events of each).</summary>
    public const int Capacity = 4096;

    /// <summary>Further apart, equal ids may be different events: EXCHANGE_LIFETIME (RFC 7252 section 4.8.2), after which message ids are used again, ms.</summary>
    public const long LastsMs = 247_000;

    private static readonly List<LogRecord> s_none = [];

    private readonly record struct Entry(long TimeMs, bool IsPublished);

    private readonly Lock _gate = new();
    private readonly Dictionary<EventKey, Entry> _known = [];
    private readonly Queue<(EventKey Key, long TimeMs)> _oldestFirst = [];
    private Dictionary<EventKey, List<LogRecord>>? _followers;

    /// <summary>Published events that are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _oldestFirst.Count;
            }
        }
    }

    /// <summary>An event has come. Where the same one is under way, the record is kept until that has ended.</summary>
    public Novelty Take(EventKey key, in LogRecord record)
    {
        lock (_gate)
        {
            if (_known.TryGetValue(key, out var known))
            {
                var isNear = Math.Abs(record.TimestampMs - known.TimeMs) < LastsMs;
                if (known.IsPublished && isNear)
                {
                    return Novelty.Published;
                }

                if (!known.IsPublished)
                {
                    return isNear ? Follow(key, record) : Novelty.TooFarApart;
                }
            }

            _known[key] = new Entry(record.TimestampMs, IsPublished: false);
            return Novelty.New;
        }
    }

    /// <summary>The broker has acknowledged it, now or for a former owner of the partition.</summary>
    /// <returns>What has followed it.</returns>
    public IReadOnlyList<LogRecord> Published(EventKey key, long timeMs)
    {
        lock (_gate)
        {
            _known[key] = new Entry(timeMs, IsPublished: true);
            _oldestFirst.Enqueue((key, timeMs));
            while (_oldestFirst.TryPeek(out var oldest) && (_oldestFirst.Count > Capacity || oldest.TimeMs <= timeMs - LastsMs))
            {
                _oldestFirst.Dequeue();
                // It may be under way again, or have been published again.
                if (_known.TryGetValue(oldest.Key, out var known) && known == new Entry(oldest.TimeMs, IsPublished: true))
                {
                    _known.Remove(oldest.Key);
                }
            }

            return FollowersOf(key);
        }
    }

    /// <summary>It could not be published.</summary>
    /// <returns>What has followed it.</returns>
    public IReadOnlyList<LogRecord> GivenUp(EventKey key)
    {
        lock (_gate)
        {
            _known.Remove(key);
            return FollowersOf(key);
        }
    }

    private Novelty Follow(EventKey key, in LogRecord record)
    {
        _followers ??= [];
        if (!_followers.TryGetValue(key, out var followers))
        {
            _followers[key] = followers = [];
        }

        followers.Add(record);
        return Novelty.UnderWay;
    }

    private List<LogRecord> FollowersOf(EventKey key) => _followers is not null && _followers.Remove(key, out var followers) ? followers : s_none;
}
