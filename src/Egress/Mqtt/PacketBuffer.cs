using System.Buffers.Binary;

namespace Egress.Mqtt;

/// <summary>Bytes that wait to be sent. Reused; gives back what one large packet made it grow by.</summary>
internal sealed class PacketBuffer
{
    /// <summary>Once this much waits it is worth a write.</summary>
    public const int Full = 32 * 1024;

    private const int Kept = 2 * Full;

    private byte[] _bytes = new byte[Kept];

    public int Count { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Count);

    public void Byte(byte value)
    {
        Reserve(1);
        _bytes[Count++] = value;
    }

    public void UInt16(int value)
    {
        Reserve(2);
        BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(Count), (ushort)value);
        Count += 2;
    }

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Count));
        Count += bytes.Length;
    }

    /// <summary>A field with a length of two bytes before it.</summary>
    public void Field(ReadOnlySpan<byte> bytes)
    {
        UInt16(bytes.Length);
        Raw(bytes);
    }

    /// <summary>MQTT 5 section 1.5.5.</summary>
    public void VariableInteger(int value)
    {
        for (; value > 0x7f; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }

        Byte((byte)value);
    }

    public void Clear()
    {
        Count = 0;
        if (_bytes.Length > Kept)
        {
            _bytes = new byte[Kept];
        }
    }

    private void Reserve(int more)
    {
        if (Count + more > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(Count + more, 2 * _bytes.Length));
        }
    }
}
