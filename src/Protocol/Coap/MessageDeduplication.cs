using System.Numerics;

namespace Protocol.Coap;

/// <summary>
/// Remembers messages for EXCHANGE_LIFETIME (CON) or NON_LIFETIME (NON), so that each is processed once and a repeated one gets the same
/// reply (RFC 7252 section 4.5). Bounded in entries and in bytes of replies, oldest first out. One thread at a time. Times are
/// milliseconds of a monotonic clock, and do not go back.
/// </summary>
/// <remarks>
/// Entries lie in arrival order in a ring that doubles up to its bound, with hash chains through them: what expires is at its head, and
/// each arrival removes a few, so nothing allocates once the ring has its size. An empty acknowledgement or Reset is a state of the entry
/// and costs no bytes; other replies go to <see cref="ReplyStore"/>. The hash of <typeparamref name="TPeer"/> should have a seed, as
/// peers are chosen by whoever sends.
/// </remarks>
public sealed class MessageDeduplication<TPeer>
    where TPeer : struct, IEquatable<TPeer>
{
    const int InitialCapacity = 256;

    // More than one, so that a backlog of expired entries shrinks; few, so that no message pays for many.
    const int RemovalsPerArrival = 4;

    readonly int _maxEntries;
    readonly TransmissionParameters _parameters;
    readonly long? _lifetime;
    readonly ReplyStore _replies;
    readonly byte[] _emptyReply = new byte[CoapWriter.EmptyMessageLength];

    Entry[] _entries = new Entry[InitialCapacity];
    int[] _buckets = new int[InitialCapacity];
    uint _head;
    uint _tail;

    /// <summary><paramref name="maxEntries"/> is rounded up to a power of two; replies take at least 64 KiB.</summary>
    /// <param name="parameters">How long messages are remembered.</param>
    /// <param name="maxEntries">Most messages.</param>
    /// <param name="maxReplyBytes">Most bytes of replies.</param>
    /// <param name="lifetime">ms; shorter than the parameters say, for those who owe the peers nothing.</param>
    public MessageDeduplication(TransmissionParameters parameters, int maxEntries = 1 << 20, int maxReplyBytes = 16 << 20, long? lifetime = null)
    {
        _maxEntries = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(maxEntries, InitialCapacity));
        _parameters = parameters;
        _lifetime = lifetime;
        _replies = new ReplyStore(maxReplyBytes);
    }

    enum State : byte
    {
        Removed,
        Pending,
        Acknowledged,
        Reset,
        Stored,
    }

    /// <summary>Entries held, the expired ones that are not yet removed among them.</summary>
    public int Count => (int)(_tail - _head);

    /// <summary>Messages forgotten before their time because the table was full.</summary>
    public long Evicted { get; private set; }

    /// <summary>Replies forgotten before their time because their bytes were full; their messages stay known.</summary>
    public long RepliesDropped => _replies.Dropped;

    /// <summary>Messages that bore the id of a remembered one but other bytes.</summary>
    public long IdsReused { get; private set; }

    /// <summary>Looks a message up, changing nothing. The reply is valid until the next call.</summary>
    public DuplicateState Seen(long now, scoped in MessageKey<TPeer> key, out ReadOnlySpan<byte> reply)
    {
        reply = default;
        var slot = Find(key);
        if (slot < 0 || !IsSame(_entries[slot], key, Ticks.At(now)))
            return DuplicateState.New;

        ref readonly var entry = ref _entries[slot];
        switch (entry.State)
        {
            case State.Acknowledged:
                reply = EmptyReply(CoapType.Acknowledgement, key.MessageId);
                return DuplicateState.Replied;
            case State.Reset:
                reply = EmptyReply(CoapType.Reset, key.MessageId);
                return DuplicateState.Replied;
            case State.Stored:
                return _replies.TryGet(entry.Reply, out reply) ? DuplicateState.Replied : DuplicateState.Silent;
            default:
                return DuplicateState.Silent;
        }
    }

    /// <summary>
    /// Remembers a message as being in work. False, and no change, where it is known already. One with the same id but another digest
    /// takes the place of the older.
    /// </summary>
    public bool Begin(long now, in MessageKey<TPeer> key, CoapType type)
    {
        var tick = Ticks.At(now);
        var slot = Find(key);
        if (slot >= 0)
        {
            if (IsSame(_entries[slot], key, tick))
                return false;
            if (!Ticks.IsDue(_entries[slot].Deadline, tick))
                IdsReused++;
            Remove(slot);
        }

        MakeRoom(tick);
        var lifetime = _lifetime ?? (type == CoapType.NonConfirmable ? _parameters.NonLifetime : _parameters.ExchangeLifetime);
        Append(key, Ticks.After(now + lifetime));
        return true;
    }

    /// <summary>
    /// Sets what a repetition is answered with; left out for a NON, whose repetitions get silence. False where the message is no
    /// longer known.
    /// </summary>
    public bool Complete(long now, in MessageKey<TPeer> key, ReadOnlySpan<byte> reply)
    {
        var slot = Find(key);
        if (slot < 0 || _entries[slot].Digest != key.Digest)
            return false;

        ref var entry = ref _entries[slot];
        if (reply.SequenceEqual(EmptyReply(CoapType.Acknowledgement, key.MessageId)))
            entry.State = State.Acknowledged;
        else if (reply.SequenceEqual(EmptyReply(CoapType.Reset, key.MessageId)))
            entry.State = State.Reset;
        else if (_replies.TryAdd(reply, Ticks.At(now), entry.Deadline, out var reference))
            (entry.State, entry.Reply) = (State.Stored, reference);
        return true;
    }

    /// <summary>Makes a message new again, as after a refusal that invites to try again. False where it is not known.</summary>
    public bool Forget(in MessageKey<TPeer> key)
    {
        var slot = Find(key);
        if (slot < 0 || _entries[slot].Digest != key.Digest)
            return false;
        Remove(slot);
        return true;
    }

    static bool IsSame(in Entry entry, in MessageKey<TPeer> key, uint tick) =>
        entry.Digest == key.Digest && !Ticks.IsDue(entry.Deadline, tick);

    ReadOnlySpan<byte> EmptyReply(CoapType type, ushort messageId)
    {
        CoapWriter.TryWriteEmpty(_emptyReply, type, messageId);
        return _emptyReply;
    }

    // Links hold slot + 1, so that 0 is the end of a chain and cleared arrays are empty.
    int Find(in MessageKey<TPeer> key)
    {
        for (var link = _buckets[Bucket(key.Peer, key.MessageId)]; link != 0; link = _entries[link - 1].Next)
        {
            ref readonly var entry = ref _entries[link - 1];
            if (entry.MessageId == key.MessageId && entry.Peer.Equals(key.Peer))
                return link - 1;
        }

        return -1;
    }

    // Multiplicative hashing: the upper bits are the good ones, also for message ids that count up.
    int Bucket(in TPeer peer, ushort messageId)
    {
        var hash = (((ulong)(uint)peer.GetHashCode() << 16) | messageId) * 0x9E3779B97F4A7C15;
        return (int)((hash >> 32) & (uint)(_buckets.Length - 1));
    }

    void MakeRoom(uint tick)
    {
        for (var i = 0; i < RemovalsPerArrival && _head != _tail; i++)
        {
            ref readonly var oldest = ref _entries[Slot(_head)];
            if (oldest.State != State.Removed && !Ticks.IsDue(oldest.Deadline, tick))
                break;
            RemoveHead();
        }

        if (Count < _entries.Length)
            return;
        if (_entries.Length < _maxEntries)
        {
            Grow();
            return;
        }

        Evicted++;
        RemoveHead();
    }

    void Append(in MessageKey<TPeer> key, uint deadline)
    {
        var slot = Slot(_tail++);
        _entries[slot] = new Entry
        {
            Peer = key.Peer,
            Digest = key.Digest,
            Deadline = deadline,
            MessageId = key.MessageId,
            State = State.Pending,
        };
        Link(slot);
    }

    void Link(int slot)
    {
        ref var entry = ref _entries[slot];
        ref var bucket = ref _buckets[Bucket(entry.Peer, entry.MessageId)];
        entry.Next = bucket;
        bucket = slot + 1;
    }

    void RemoveHead()
    {
        var slot = Slot(_head);
        if (_entries[slot].State != State.Removed)
            Remove(slot);
        _head++;
    }

    // The slot itself is free again when the head of the ring comes by.
    void Remove(int slot)
    {
        ref var entry = ref _entries[slot];
        ref var link = ref _buckets[Bucket(entry.Peer, entry.MessageId)];
        while (link != slot + 1)
            link = ref _entries[link - 1].Next;
        link = entry.Next;
        entry.State = State.Removed;
    }

    void Grow()
    {
        var old = _entries;
        _entries = new Entry[old.Length * 2];
        _buckets = new int[_entries.Length];
        for (var position = _head; position != _tail; position++)
        {
            ref var entry = ref old[position & (uint)(old.Length - 1)];
            var slot = Slot(position);
            _entries[slot] = entry;
            if (entry.State != State.Removed)
                Link(slot);
        }
    }

    int Slot(uint position) => (int)(position & (uint)(_entries.Length - 1));

    struct Entry
    {
        public TPeer Peer;
        public ulong Digest;
        public uint Deadline;
        public uint Reply;
        public int Next;
        public ushort MessageId;
        public State State;
    }
}
