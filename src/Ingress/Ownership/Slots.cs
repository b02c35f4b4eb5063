using System.Net;
using Contracts;
using Ingress.Sockets;

namespace Ingress.Ownership;

/// <summary>
/// The Ingress slots of the fleet, as their records on the instances topic show them: the newest epoch of each, whether it lives, and what is
/// wished of it. Nobody's clock is compared with another's: a slot is silent for as long as this process has read beats of its own
/// since. So where Kafka is away, or this process was paused, nobody is dead.
/// </summary>
sealed class Slots(int own)
{
    /// <summary>ms of silence after which a slot is dead. Also one that has said that it stops: a rolling restart is back before.</summary>
    public const long DeadAfter = 30_000;

    /// <summary>ms of silence for which a slot counts as living: what is handed to it is heard.</summary>
    public const long LivesFor = 10_000;

    /// <summary>ms; more is not counted between two beats of our own, which come every 2 s.</summary>
    const long LongestStep = 5_000;

    /// <summary>As many slots as <c>ingress.slot</c> allows. Anybody can write to the topic.</summary>
    const int Most = 4096;

    readonly SortedDictionary<int, Known> _slots = [];

    // ms for which this process has heard itself.
    long _heard;
    long? _lastOwn;

    /// <summary>Takes a record of the instances topic.</summary>
    /// <param name="value">Null: a tombstone.</param>
    /// <param name="now">ms of the monotonic clock.</param>
    public void Read(ReadOnlySpan<byte> key, byte[]? value, long offset, long now)
    {
        if (SlotWish.TryParseKey(key, out var wished) && wished < Most)
            At(wished).IsDrainWished = SlotWish.TryParse(value, out var wish) && wish!.Kind == SlotWish.Drain;
        else if (SlotWish.TryParseSlot(key, out var slot) && slot < Most && InstanceRecord.TryParse(value, out var record))
            Read(slot, record!, offset, now);
    }

    /// <summary>0 where the slot has not been heard of.</summary>
    public long EpochOf(int slot) => _slots.TryGetValue(slot, out var known) ? known.Epoch : 0;

    /// <summary>Nobody speaks for the slot any more.</summary>
    public bool IsDead(int slot) => slot != own && slot < Most && _heard - At(slot).HeardAt >= DeadAfter;

    /// <summary>The slot is heard, and ready for devices.</summary>
    public bool Lives(int slot) => slot == own || (_slots.TryGetValue(slot, out var known) && known.IsReady && _heard - known.HeardAt < LivesFor);

    public bool IsDrainWished(int slot) => _slots.TryGetValue(slot, out var known) && known.IsDrainWished;

    /// <summary>This slot looks after what the dead ones have left behind. For a moment two may believe it; numbers settle that.</summary>
    public bool IsLowest => !_slots.Keys.TakeWhile(slot => slot < own).Any(Lives);

    /// <summary>All that were ever heard of and are dead.</summary>
    public IEnumerable<int> Dead => _slots.Keys.Where(IsDead);

    /// <summary>The others that live and stay.</summary>
    public IEnumerable<int> Staying => _slots.Keys.Where(slot => slot != own && Lives(slot) && !IsDrainWished(slot));

    /// <summary>Where datagrams for others that live are handed to, by slot.</summary>
    public IReadOnlyDictionary<int, Peer> Doors =>
        _slots.Where(s => s.Key != own && s.Value.Door is not null && Lives(s.Key)).ToDictionary(s => s.Key, s => s.Value.Door!.Value);

    void Read(int slot, InstanceRecord record, long offset, long now)
    {
        var known = At(slot);
        if (record.EpochClaimed(offset) is not { } epoch || epoch < known.Epoch)
            return;
        if (slot == own)
        {
            _heard += Math.Min(now - (_lastOwn ?? now), LongestStep);
            _lastOwn = now;
        }

        known.Epoch = epoch;
        known.HeardAt = _heard;
        known.IsReady = record.Kind == "heartbeat";
        known.Door = IPEndPoint.TryParse(record.Forward ?? "", out var door) && door.Port != 0 ? Peer.From(door, 0) : null;
    }

    Known At(int slot)
    {
        if (!_slots.TryGetValue(slot, out var known))
            _slots[slot] = known = new Known { HeardAt = _heard };
        return known;
    }

    sealed class Known
    {
        public long Epoch { get; set; }

        /// <summary>Of <see cref="_heard"/>.</summary>
        public long HeardAt { get; set; }
        public bool IsReady { get; set; }
        public Peer? Door { get; set; }
        public bool IsDrainWished { get; set; }
    }
}
