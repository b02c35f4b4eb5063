using Contracts;

namespace Tools.Fleet;

/// <summary>The Ingress slots as the instances topic tells of them. Thread-safe. Times are ms of one monotonic clock of the caller's.</summary>
sealed class SlotTable
{
    /// <summary>ms; a beat comes every two seconds.</summary>
    public const long AliveFor = 10_000;

    readonly Lock _gate = new();
    readonly SortedDictionary<int, Entry> _slots = [];

    /// <summary>Takes a record.</summary>
    /// <param name="isNew">Written since we listen: older records do not say that somebody lives.</param>
    public void Fold(byte[] key, byte[]? value, long now, bool isNew)
    {
        lock (_gate)
        {
            if (SlotWish.TryParseKey(key, out var wished))
                _slots[wished] = At(wished) with { IsDrainWished = SlotWish.TryParse(value, out var wish) && wish!.Kind == SlotWish.Drain };
            else if (SlotWish.TryParseSlot(key, out var slot) && InstanceRecord.TryParse(value, out var record))
                _slots[slot] = At(slot) with { Record = record, HeardAt = isNew ? now : null };
        }
    }

    /// <summary>Slots that there are, or were.</summary>
    public IReadOnlyList<int> Known
    {
        get
        {
            lock (_gate)
                return [.. _slots.Where(s => s.Value.Record is not null).Select(s => s.Key)];
        }
    }

    public SlotView Of(int slot, long now)
    {
        lock (_gate)
        {
            var entry = At(slot);
            return new SlotView(IsAlive(entry, now), entry.Record?.Draining == true, entry.Record?.Registrations);
        }
    }

    /// <summary>Who would take what that slot hands over.</summary>
    public IReadOnlyList<int> Staying(int slot, long now)
    {
        lock (_gate)
            return [.. _slots.Where(s => s.Key != slot && !s.Value.IsDrainWished && IsAlive(s.Value, now)).Select(s => s.Key)];
    }

    static bool IsAlive(Entry entry, long now) => entry.Record is { Kind: "heartbeat" } && entry.HeardAt is { } at && now - at < AliveFor;

    Entry At(int slot) => _slots.TryGetValue(slot, out var entry) ? entry : new Entry(null, null, false);

    sealed record Entry(InstanceRecord? Record, long? HeardAt, bool IsDrainWished);
}

/// <summary>One slot.</summary>
/// <param name="IsAlive">It was heard lately, and is ready.</param>
/// <param name="IsDraining">It has taken the wish.</param>
/// <param name="Registrations">Live ones that it owns; null where it did not say.</param>
readonly record struct SlotView(bool IsAlive, bool IsDraining, int? Registrations);
