using System.Buffers.Binary;

namespace Protocol.Coap;

/// <summary>
/// Bytes of replies for as long as they may be asked for, in segments that are written one after the other. A segment whose replies have
/// all expired is used again; while there is none, segments are added up to the bound; then the one that expires first is overwritten.
/// A reference names segment serial and offset, so that an overwritten reply is known to be gone.
/// </summary>
sealed class ReplyStore
{
    const int SegmentLength = 1 << 16;
    const int LengthPrefix = sizeof(ushort);

    readonly byte[][] _segments;
    readonly ushort[] _serials;
    readonly uint[] _deadlines;
    readonly int[] _counts;
    int _used;
    int _current;
    int _offset = SegmentLength;
    ushort _serial;

    public ReplyStore(int maxBytes)
    {
        var segments = Math.Max(1, maxBytes / SegmentLength);
        _segments = new byte[segments][];
        _serials = new ushort[segments];
        _deadlines = new uint[segments];
        _counts = new int[segments];
    }

    /// <summary>Replies in segments that were overwritten before all of them had expired.</summary>
    public long Dropped { get; private set; }

    /// <summary>Stores a reply until the deadline, in ticks of the caller. False where it is too long for a datagram.</summary>
    public bool TryAdd(ReadOnlySpan<byte> reply, uint now, uint deadline, out uint reference)
    {
        reference = 0;
        var size = LengthPrefix + reply.Length;
        if (size > SegmentLength)
            return false;
        if (size > SegmentLength - _offset)
            TurnOver(now);

        var destination = _segments[_current].AsSpan(_offset);
        BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)reply.Length);
        reply.CopyTo(destination[LengthPrefix..]);
        reference = ((uint)_serials[_current] << 16) | (uint)_offset;
        _offset += size;
        _counts[_current]++;
        if (_counts[_current] == 1 || Ticks.IsBefore(_deadlines[_current], deadline))
            _deadlines[_current] = deadline;
        return true;
    }

    public bool TryGet(uint reference, out ReadOnlySpan<byte> reply)
    {
        reply = default;
        var segment = _serials.AsSpan(0, _used).IndexOf((ushort)(reference >> 16));
        if (segment < 0)
            return false;
        var source = _segments[segment].AsSpan((int)(reference & 0xFFFF));
        reply = source.Slice(LengthPrefix, BinaryPrimitives.ReadUInt16LittleEndian(source));
        return true;
    }

    void TurnOver(uint now)
    {
        var next = FirstToExpire();
        if (next < 0 || !Ticks.IsDue(_deadlines[next], now))
        {
            if (_used < _segments.Length)
            {
                next = _used++;
                _segments[next] = GC.AllocateUninitializedArray<byte>(SegmentLength);
            }
            else
            {
                Dropped += _counts[next];
            }
        }

        // A serial in use would let a reference into that segment find this one.
        do
            _serial++;
        while (_serials.AsSpan(0, _used).Contains(_serial));
        _serials[next] = _serial;
        _counts[next] = 0;
        _current = next;
        _offset = 0;
    }

    // Begins behind the current segment, so that of equal ones the oldest is taken. -1 where there is none yet.
    int FirstToExpire()
    {
        var first = -1;
        for (var i = 1; i <= _used; i++)
        {
            var segment = (_current + i) % _used;
            if (first < 0 || Ticks.IsBefore(_deadlines[segment], _deadlines[first]))
                first = segment;
        }

        return first;
    }
}
