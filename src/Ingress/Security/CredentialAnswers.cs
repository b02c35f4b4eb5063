namespace Ingress.Security;

/// <summary>What the server of credentials has said, for as long as it may matter. Safe for any number of threads; times are milliseconds.</summary>
/// <param name="ttl">How long an answer counts.</param>
/// <param name="grace">How much longer it counts while there is no other.</param>
sealed class CredentialAnswers(long ttl, long grace)
{
    /// <summary>Most identities that are remembered as known; whoever comes beyond that is asked about each time.</summary>
    public const int MostKnown = 1_000_000;

    /// <summary>Most that are remembered as unknown: anybody can invent some.</summary>
    public const int MostUnknown = 100_000;

    /// <summary>How long nobody is asked again about an identity that was unknown: a device that was added just now is not to wait.</summary>
    const long UnknownFor = 10_000;

    readonly Lock _lock = new();
    readonly Dictionary<string, (Credential Credential, long At)> _known = new(StringComparer.Ordinal);
    readonly Dictionary<string, long> _unknown = new(StringComparer.Ordinal);

    public int Known
    {
        get
        {
            lock (_lock)
                return _known.Count;
        }
    }

    /// <summary>What was said last of an identity; null: nothing that is remembered.</summary>
    public (Credential? Credential, AnswerAge Age)? Find(string identity, long now)
    {
        lock (_lock)
        {
            if (_known.TryGetValue(identity, out var known))
                return (known.Credential, AgeOf(now - known.At));
            if (_unknown.TryGetValue(identity, out var at))
                return (null, now - at < Math.Min(ttl, UnknownFor) ? AnswerAge.Fresh : AnswerAge.Gone);
            return null;
        }
    }

    /// <summary>Takes an answer; true where it takes back what counted before.</summary>
    public bool Put(string identity, Credential? credential, long now)
    {
        lock (_lock)
        {
            var hadOne = _known.TryGetValue(identity, out var before);
            if (credential is null)
            {
                _known.Remove(identity);
                if (_unknown.Count < MostUnknown || _unknown.ContainsKey(identity))
                    _unknown[identity] = now;
                return hadOne;
            }

            _unknown.Remove(identity);
            if (hadOne || _known.Count < MostKnown)
                _known[identity] = (credential, now);
            return hadOne && !before.Credential.Is(credential);
        }
    }

    /// <summary>Forgets what counts for nothing any more.</summary>
    public void Sweep(long now)
    {
        lock (_lock)
        {
            foreach (var (identity, known) in _known)
            {
                if (AgeOf(now - known.At) == AnswerAge.Gone)
                    _known.Remove(identity);
            }

            // Sessions are judged by them as well, so they stay for longer than they keep anybody from being asked about.
            foreach (var (identity, at) in _unknown)
            {
                if (now - at >= Math.Max(ttl, UnknownFor))
                    _unknown.Remove(identity);
            }
        }
    }

    AnswerAge AgeOf(long age) => age < ttl / 2 ? AnswerAge.Fresh : age < ttl ? AnswerAge.Ripe : age < ttl + grace ? AnswerAge.Old : AnswerAge.Gone;
}
