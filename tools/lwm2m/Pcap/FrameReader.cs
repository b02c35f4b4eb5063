using System.Buffers.Binary;

namespace Tools.Pcap;

/// <summary>
/// Frames of a capture file, one after the other: classic pcap (times in us or ns, either byte order) or pcapng. Takes any bytes, and holds one frame at a
/// time; what is wrong with the file is <see cref="Error"/>, and ends it.
/// </summary>
abstract class FrameReader(Stream stream)
{
    /// <summary>Longest frame, in bytes; what Wireshark takes, too.</summary>
    public const int LongestFrame = 262_144;

    const uint SectionHeader = 0x0A0D0D0A;
    const uint MicrosecondMagic = 0xA1B2C3D4;

    readonly byte[] _skipped = new byte[4096];

    /// <summary>What was wrong where it ended; null: nothing so far.</summary>
    public string? Error { get; private set; }

    /// <summary>Frames read.</summary>
    public long Count { get; private set; }

    /// <summary>By the first bytes. Null and a sentence for what is no capture file.</summary>
    public static FrameReader? Open(Stream stream, out string error)
    {
        error = "";
        Span<byte> magic = stackalloc byte[4];
        if (stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4)
        {
            foreach (var isBigEndian in new[] { false, true })
            {
                var number = isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(magic) : BinaryPrimitives.ReadUInt32LittleEndian(magic);
                if (number is MicrosecondMagic or PcapWriter.NanosecondMagic)
                    return new PcapReader(stream, isBigEndian, number == PcapWriter.NanosecondMagic);
                if (number == SectionHeader)
                    return new PcapngReader(stream);
            }
        }

        error = "it is neither pcap nor pcapng";
        return null;
    }

    /// <summary>False at the end, and where <see cref="Error"/> says why it goes no further.</summary>
    public bool TryRead(out Frame frame)
    {
        if (Error is not null || !TryReadNext(out frame))
        {
            frame = default;
            return false;
        }

        Count++;
        return true;
    }

    protected abstract bool TryReadNext(out Frame frame);

    protected bool Fail(string error)
    {
        Error ??= $"{error} (after {Count} frames)";
        return false;
    }

    /// <summary>All of them, or an error; false without one where the file ends before the first.</summary>
    protected bool TryFill(Span<byte> bytes, bool mayEnd = false)
    {
        var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return read == bytes.Length || (mayEnd && read == 0 ? false : Fail("the file ends in the middle of something"));
    }

    protected bool TrySkip(long count)
    {
        while (count > 0)
        {
            var read = stream.Read(_skipped.AsSpan(0, (int)Math.Min(count, _skipped.Length)));
            if (read == 0)
                return Fail("the file ends in the middle of something");
            count -= read;
        }

        return true;
    }
}
