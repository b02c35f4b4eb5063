using System.Buffers;

namespace Protocol.Lwm2m.Formats;

/// <summary>Writes TLV records one after the other. A record that holds records is written from the bytes of another writer.</summary>
public sealed class TlvWriter
{
    /// <summary>The longest value that a 24-bit length can tell.</summary>
    public const int MaxValueLength = 0xFFFFFF;

    readonly ArrayBufferWriter<byte> output = new();

    public ReadOnlySpan<byte> Written => output.WrittenSpan;

    public void Write(TlvKind kind, ushort id, ReadOnlySpan<byte> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, MaxValueLength);
        var lengthSize = value.Length switch { < 8 => 0, <= 0xFF => 1, <= 0xFFFF => 2, _ => 3 };
        var header = output.GetSpan(6);
        header[0] = (byte)((int)kind << 6 | (id > 0xFF ? 0x20 : 0) | lengthSize << 3 | (lengthSize == 0 ? value.Length : 0));
        var size = 1;
        if (id > 0xFF)
            header[size++] = (byte)(id >> 8);
        header[size++] = (byte)id;
        for (var shift = 8 * (lengthSize - 1); shift >= 0; shift -= 8)
            header[size++] = (byte)(value.Length >> shift);
        output.Advance(size);
        output.Write(value);
    }
}
