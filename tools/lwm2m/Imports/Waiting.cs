using System.Diagnostics.CodeAnalysis;

namespace Tools.Imports;

/// <summary>What waits for its other half, for a while; beyond a number of them the oldest no longer. Times are ms, and do not go back.</summary>
sealed class Waiting<TKey, TValue>(int most, long lifetime)
    where TKey : notnull
{
    readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value, long Until)>> _waiting = [];
    readonly LinkedList<(TKey Key, TValue Value, long Until)> _byAge = new();

    public int Count => _waiting.Count;

    public void Put(TKey key, TValue value, long now)
    {
        TryTake(key, out _);
        _waiting[key] = _byAge.AddLast((key, value, now + lifetime));
    }

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var found = _waiting.TryGetValue(key, out var node);
        value = found ? node!.Value.Value : default;
        return found;
    }

    public bool TryTake(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        var found = _waiting.Remove(key, out var node);
        value = found ? node!.Value.Value : default;
        if (found)
            _byAge.Remove(node!);
        return found;
    }

    /// <summary>The next one whose time is over, or that is one too many.</summary>
    public bool TryTakeOverdue(long now, [MaybeNullWhen(false)] out TValue value)
    {
        value = default;
        return _byAge.First is { } oldest && (oldest.Value.Until <= now || _waiting.Count > most) && TryTake(oldest.Value.Key, out value);
    }
}
