using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Protocol.Dtls;

/// <summary>
/// What records to this server bear instead of an address (RFC 9146): 2 bytes slot of the replica that has the session, big endian, then 4 random
/// bytes. All have the same length, for a record does not say how long its id is.
/// </summary>
static class ConnectionId
{
    public const int Length = sizeof(ushort) + sizeof(uint);

    public static ulong Create(int slot) => ((ulong)slot << 32) | BinaryPrimitives.ReadUInt32BigEndian(RandomNumberGenerator.GetBytes(sizeof(uint)));

    public static ulong Read(ReadOnlySpan<byte> bytes) => ((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[sizeof(ushort)..]);

    public static byte[] ToBytes(ulong id)
    {
        var bytes = new byte[Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(id >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(sizeof(ushort)), (uint)id);
        return bytes;
    }

    public static int SlotOf(ulong id) => (int)(id >> 32);
}
