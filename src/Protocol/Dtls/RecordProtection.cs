using System.Buffers.Binary;

namespace Protocol.Dtls;

/// <summary>The keys of a session, and what they do to its records. Knows neither what was seen nor what comes next; one call at a time.</summary>
/// <param name="peerId">The connection id that records to the peer bear (RFC 9146); empty where they bear none.</param>
abstract class RecordProtection(byte[] peerId) : IDisposable
{
    /// <summary>Longest head, with the longest id that a peer can have asked for.</summary>
    const int MostHead = RecordHeader.Length + byte.MaxValue;

    /// <summary>Bytes by which a record may be longer than what it says.</summary>
    public int Overhead => MostHead + MostExpansion;

    /// <summary>Bytes by which a protected fragment may be longer than its content.</summary>
    protected abstract int MostExpansion { get; }

    /// <summary>The connection id that records to the peer bear.</summary>
    public ReadOnlySpan<byte> PeerId => peerId;

    /// <summary>Opens a record. False where it is not authentic; then the content is nobody's.</summary>
    /// <param name="record">With the id of this side, where it bears one.</param>
    /// <param name="content">Takes what it says: as long as the record.</param>
    /// <param name="type">What kind of content that is.</param>
    /// <param name="length">Of the content.</param>
    public abstract bool TryOpen(in RecordHeader record, Span<byte> content, out byte type, out int length);

    /// <summary>Writes a record, and returns its length.</summary>
    /// <param name="position">Epoch, 16 bits, and sequence number, 48: never the same one twice.</param>
    /// <param name="type">What kind of content it is.</param>
    /// <param name="content">What it says.</param>
    /// <param name="record">At least <see cref="Overhead"/> longer than the content.</param>
    public abstract int Protect(ulong position, byte type, ReadOnlySpan<byte> content, Span<byte> record);

    public virtual void Dispose()
    {
    }

    /// <summary>Writes the head of a record to the peer (RFC 6347 section 4.1, RFC 9146 section 4), and returns its length.</summary>
    protected int WriteHead(Span<byte> record, ulong position, byte type, int fragmentLength)
    {
        var length = RecordHeader.Length + peerId.Length;
        record[0] = peerId.Length > 0 ? RecordHeader.WithConnectionId : type;
        BinaryPrimitives.WriteUInt16BigEndian(record[1..], RecordHeader.Version);
        BinaryPrimitives.WriteUInt64BigEndian(record[3..], position);
        peerId.CopyTo(record[11..]);
        BinaryPrimitives.WriteUInt16BigEndian(record[(length - sizeof(ushort))..], (ushort)fragmentLength);
        return length;
    }
}
