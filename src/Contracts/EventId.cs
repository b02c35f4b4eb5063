using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Contracts;

/// <summary>
/// Names an event by what happened, so that a retransmission, or a second telling after a crash, has the same id. 128 bits; not for
/// adversaries: the registration is part of what is hashed, so a forged collision harms nobody but its author.
/// </summary>
public readonly record struct EventId(ulong High, ulong Low)
{
    const ulong Odd1 = 0x9E3779B97F4A7C15;
    const ulong Odd2 = 0xC2B2AE3D27D4EB4F;
    const ulong Odd3 = 0xD6E8FEB86659FD93;

    /// <summary>The id of what the bytes describe. The same on every machine.</summary>
    public static EventId Of(ReadOnlySpan<byte> what)
    {
        var high = (ulong)what.Length * Odd1;
        var low = ~high;
        for (; what.Length >= sizeof(ulong); what = what[sizeof(ulong)..])
            Take(BinaryPrimitives.ReadUInt64LittleEndian(what), ref high, ref low);
        var tail = 0UL;
        foreach (var b in what)
            tail = (tail << 8) | b;
        Take(tail, ref high, ref low);
        // Twice more, so that every bit of the last word reaches both halves.
        Take(Odd3, ref high, ref low);
        Take(Odd1, ref high, ref low);
        return new EventId(high, low);
    }

    /// <summary>The id of an outcome: a function of the command alone, whoever tells it.</summary>
    public static EventId OfOutcome(string commandId) => Of(Encoding.UTF8.GetBytes("outcome\0" + commandId));

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{High:x16}{Low:x16}");

    // Two lanes that feed each other.
    static void Take(ulong word, ref ulong high, ref ulong low)
    {
        high = Mix(high ^ word) + low;
        low = BitOperations.RotateLeft(low ^ (word * Odd2), 29) * Odd1 + high;
    }

    static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 32)) * Odd3;
        return (value ^ (value >> 29)) * Odd2;
    }
}
