namespace Protocol.Coap.Blockwise;

/// <summary>
/// Server side of Block2 (RFC 7959 section 2.4): answers that did not fit, for as long as their further blocks may be asked for. One for
/// each client and target; beyond the bound the oldest is forgotten. Times are ms of a monotonic clock.
/// </summary>
/// <param name="maxAnswers">Most answers kept; each is at most as long as its owner makes it.</param>
public sealed class KeptAnswers<TPeer>(int maxAnswers)
    where TPeer : struct, IEquatable<TPeer>
{
    readonly Dictionary<(TPeer Peer, ulong Target), LinkedListNode<Answer>> _answers = [];
    readonly LinkedList<Answer> _byAge = new();

    public int Count => _answers.Count;

    /// <summary>False where another one was forgotten before its time, to make room.</summary>
    public bool Keep(long now, in TPeer peer, ulong target, CoapCode code, byte[] payload, long lifetime)
    {
        Expire(now);
        if (_answers.TryGetValue((peer, target), out var older))
            Remove(older);
        var isFull = _answers.Count >= maxAnswers;
        if (isFull)
            Remove(_byAge.First!);
        _answers[(peer, target)] = _byAge.AddLast(new Answer((peer, target), code, payload, now + lifetime));
        return !isFull;
    }

    public bool TryGet(long now, in TPeer peer, ulong target, out CoapCode code, out ReadOnlySpan<byte> payload)
    {
        Expire(now);
        var found = _answers.TryGetValue((peer, target), out var node);
        code = found ? node!.Value.Code : CoapCode.Empty;
        payload = found ? node!.Value.Payload : default;
        return found;
    }

    void Expire(long now)
    {
        while (_byAge.First is { } oldest && oldest.Value.Deadline <= now)
            Remove(oldest);
    }

    void Remove(LinkedListNode<Answer> node)
    {
        _answers.Remove(node.Value.Key);
        _byAge.Remove(node);
    }

    sealed record Answer((TPeer Peer, ulong Target) Key, CoapCode Code, byte[] Payload, long Deadline);
}
