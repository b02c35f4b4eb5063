using System.Buffers.Binary;

namespace Ingress.Journal;

/// <summary>Writes Protobuf fields into a buffer that is known to be large enough (encoding: protobuf.dev, "Encoding").</summary>
ref struct ProtobufWriter(Span<byte> buffer)
{
    const int WireVarint = 0;
    const int WireFixed64 = 1;
    const int WireBytes = 2;

    readonly Span<byte> _buffer = buffer;
    int _length;

    public readonly byte[] ToArray() => _buffer[.._length].ToArray();

    /// <summary>Fields that are encoded already.</summary>
    public void Raw(ReadOnlySpan<byte> fields)
    {
        fields.CopyTo(_buffer[_length..]);
        _length += fields.Length;
    }

    public void Varint(int field, ulong value)
    {
        Put(((ulong)field << 3) | WireVarint);
        Put(value);
    }

    public void Fixed64(int field, ulong value)
    {
        Put(((ulong)field << 3) | WireFixed64);
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer[_length..], value);
        _length += sizeof(ulong);
    }

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Put(((ulong)field << 3) | WireBytes);
        Put((ulong)value.Length);
        Raw(value);
    }

    void Put(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _buffer[_length++] = (byte)(value | 0x80);
        _buffer[_length++] = (byte)value;
    }
}
