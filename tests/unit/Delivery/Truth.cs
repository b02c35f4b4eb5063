using System.Text;
using Contracts;
using Messaging;

namespace Pipeline.Tests.Delivery;

/// <summary>
/// What the sessions topic says, by the rule of the numbers and nothing else: the first record with the next number counts. Written down a second
/// time on purpose; what each Ingress believes is compared with it.
/// </summary>
sealed class Truth
{
    readonly Dictionary<string, SessionRecord> _counting = [];

    /// <summary>The record that counts, by endpoint.</summary>
    public IReadOnlyDictionary<string, SessionRecord> Counting => _counting;

    /// <summary>Registrations that were live once and have ended.</summary>
    public HashSet<ulong> Ended { get; } = [];

    /// <summary>Digests of the messages that any record that counts has remembered.</summary>
    public HashSet<ulong> Remembered { get; } = [];

    public bool IsLive(ulong registration) => _counting.Values.Any(r => r.Live && r.RegistrationId == registration);

    /// <summary>The record before it, where this one counts.</summary>
    public bool TryTake(LogRecord landed, out SessionRecord? before, out SessionRecord? now)
    {
        now = null;
        var endpoint = Encoding.UTF8.GetString(landed.Key);
        _counting.TryGetValue(endpoint, out before);
        if (landed.Value is null)
        {
            if (before is { Live: false })
                _counting.Remove(endpoint);
            return false;
        }

        now = SessionRecord.Parser.ParseFrom(landed.Value);
        if (before is not null && now.Number != before.Number + 1)
            return false;
        _counting[endpoint] = now;
        Remembered.UnionWith(now.Remembered.Select(m => m.Digest));
        if (before is { Live: true } && (!now.Live || now.RegistrationId != before.RegistrationId))
            Ended.Add(before.RegistrationId);
        return true;
    }
}
