using System.Buffers.Binary;

namespace Tools.Pcap;

/// <summary>A capture file in the classic format with times in ns, little endian (draft-ietf-opsawg-pcap).</summary>
sealed class PcapWriter
{
    public const uint NanosecondMagic = 0xA1B23C4D;
    public const int HeaderLength = 24;
    public const int RecordHeaderLength = 16;

    const uint Longest = 262_144;

    readonly Stream _stream;

    public PcapWriter(Stream stream, int linkType)
    {
        _stream = stream;
        Span<byte> header = stackalloc byte[HeaderLength];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, NanosecondMagic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Longest);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], (uint)linkType);
        stream.Write(header);
    }

    /// <param name="ns">Unix time in ns; seconds beyond 32 bits wrap round, as the format has it.</param>
    /// <param name="frame">As the link type wants it.</param>
    public void Write(ulong ns, ReadOnlySpan<byte> frame)
    {
        Span<byte> header = stackalloc byte[RecordHeaderLength];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)(ns / 1_000_000_000));
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], (uint)(ns % 1_000_000_000));
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], frame.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], frame.Length);
        _stream.Write(header);
        _stream.Write(frame);
    }
}
