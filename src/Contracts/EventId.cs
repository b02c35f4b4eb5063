using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Contracts;

/// <summary>Names an event by what happened, so that a retransmission, or a second telling after a crash, has the same id. 128 bits.</summary>
public readonly record struct EventId(ulong High, ulong Low)
{
    /// <summary>The id of what the bytes describe.</summary>
    public static EventId Of(ReadOnlySpan<byte> what)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(what, hash);
        return new EventId(BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]));
    }

    /// <summary>The id of an outcome: a function of the command alone, whoever tells it.</summary>
    public static EventId OfOutcome(string commandId) => Of(Encoding.UTF8.GetBytes("outcome\0" + commandId));

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{High:x16}{Low:x16}");
}
