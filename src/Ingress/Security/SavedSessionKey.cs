using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Ingress.Security;

/// <summary>
/// Key of a record of the topic <c>dtls</c>: 6 bytes connection id, big endian, then the name of the listener in UTF-8. A connection id begins
/// with a slot, so none begins with 0xFF: such keys are fences, 17 bytes long, which a process writes before it reads what there is.
/// </summary>
readonly record struct SavedSessionKey(ulong Id, string Listener)
{
    const int IdLength = 6;
    const byte Fence = 0xFF;
    const int FenceLength = 17;
    const int MostNameBytes = 255;

    static readonly UTF8Encoding Strict = new(false, true);

    public static byte[] NewFence() => [Fence, .. Guid.NewGuid().ToByteArray()];

    public static bool IsFence(ReadOnlySpan<byte> key) => key.Length == FenceLength && key[0] == Fence;

    public byte[] ToBytes()
    {
        var bytes = new byte[IdLength + Encoding.UTF8.GetByteCount(Listener)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(Id >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(sizeof(ushort)), (uint)Id);
        Encoding.UTF8.GetBytes(Listener, bytes.AsSpan(IdLength));
        return bytes;
    }

    /// <summary>Never throws, whatever the bytes.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out SavedSessionKey key)
    {
        key = default;
        if (bytes.Length is <= IdLength or > IdLength + MostNameBytes || bytes[0] == Fence)
            return false;
        try
        {
            var id = ((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[sizeof(ushort)..]);
            key = new SavedSessionKey(id, Strict.GetString(bytes[IdLength..]));
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
