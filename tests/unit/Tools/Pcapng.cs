namespace Pipeline.Tests.Tools;

/// <summary>Blocks of a pcapng file, little endian.</summary>
static class Pcapng
{
    public static byte[] Section => Block(0x0A0D0D0A, [.. Number(0x1A2B3C4D), 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);

    /// <summary>With options of one byte: code, value.</summary>
    public static byte[] Interface(int linkType, params ReadOnlySpan<byte> option) =>
        Block(1, [(byte)linkType, (byte)(linkType >> 8), 0, 0, 0, 0, 4, 0, .. option.IsEmpty ? [] : new byte[] { option[0], 0, 1, 0, option[1], 0, 0, 0, 0, 0, 0, 0 }]);

    public static byte[] Packet(int index, ulong time, byte[] bytes) =>
        Block(6, [.. Number(index), .. Number((int)(time >> 32)), .. Number((int)time), .. Number(bytes.Length), .. Number(bytes.Length), .. bytes, .. new byte[-bytes.Length & 3]]);

    public static byte[] Block(uint type, byte[] body)
    {
        var padding = -body.Length & 3;
        var total = Number(12 + body.Length + padding);
        return [.. Number((int)type), .. total, .. body, .. new byte[padding], .. total];
    }

    public static byte[] Number(int number)
    {
        var bytes = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return bytes;
    }
}
