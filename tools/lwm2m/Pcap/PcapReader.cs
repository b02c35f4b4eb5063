using System.Buffers.Binary;

namespace Tools.Pcap;

/// <summary>The classic format, behind its magic number (draft-ietf-opsawg-pcap).</summary>
sealed class PcapReader(Stream stream, bool isBigEndian, bool hasNanoseconds) : FrameReader(stream)
{
    // The upper bits say how long the checksum of a frame is.
    const uint LinkTypeBits = 0x0FFF_FFFF;

    byte[] _frame = new byte[4096];
    int? _linkType;

    protected override bool TryReadNext(out Frame frame)
    {
        frame = default;
        if (_linkType is null && !TryReadHeader())
            return false;
        Span<byte> header = stackalloc byte[PcapWriter.RecordHeaderLength];
        if (!TryFill(header, mayEnd: true))
            return false;
        var length = Number(header[8..]);
        if (length > LongestFrame)
            return Fail($"a frame is said to be {length} bytes long");
        if (length > _frame.Length)
            _frame = new byte[length];
        if (!TryFill(_frame.AsSpan(0, (int)length)))
            return false;
        var fraction = (ulong)Number(header[4..]) * (hasNanoseconds ? 1u : 1000u);
        frame = new Frame(((ulong)Number(header) * 1_000_000_000) + fraction, _linkType!.Value, _frame.AsMemory(0, (int)length));
        return true;
    }

    bool TryReadHeader()
    {
        Span<byte> header = stackalloc byte[PcapWriter.HeaderLength - 4];
        if (!TryFill(header))
            return false;
        _linkType = (int)(Number(header[16..]) & LinkTypeBits);
        return true;
    }

    uint Number(ReadOnlySpan<byte> bytes) => isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
