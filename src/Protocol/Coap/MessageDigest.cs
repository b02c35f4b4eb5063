using System.Buffers.Binary;

namespace Protocol.Coap;

/// <summary>
/// 64-bit digest of a datagram that tells a retransmission from another message with the same message id. The same on every machine,
/// so that it can be stored; not for adversaries: who forges a collision harms only his own exchange.
/// </summary>
public static class MessageDigest
{
    const ulong Odd1 = 0x9E3779B97F4A7C15;
    const ulong Odd2 = 0xD6E8FEB86659FD93;

    public static ulong Of(ReadOnlySpan<byte> datagram)
    {
        var hash = (ulong)datagram.Length * Odd1;
        while (datagram.Length >= sizeof(ulong))
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(datagram));
            datagram = datagram[sizeof(ulong)..];
        }

        var tail = 0UL;
        foreach (var b in datagram)
            tail = (tail << 8) | b;
        return Mix(Mix(hash ^ tail));
    }

    static ulong Mix(ulong value)
    {
        value *= Odd2;
        return (value ^ (value >> 32)) * Odd1;
    }
}
