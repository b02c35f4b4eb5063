using System.Diagnostics;
using System.Numerics;

namespace Protocol.Coap;

/// <summary>Value of a Block1 or Block2 option: block number, "more" bit and size exponent (RFC 7959 section 2.2).</summary>
public readonly record struct BlockOption
{
    public const uint MaxNumber = (1 << 20) - 1;

    /// <summary>Bytes of the largest block.</summary>
    public const int LargestSize = 1024;

    const uint MoreBit = 0x08;
    const int ReservedExponent = 7;

    /// <summary>Takes the value of the option as it came, also one whose size exponent is reserved.</summary>
    public BlockOption(uint value) => Value = value & 0xFFFFFF;

    /// <summary>Size exponent 0-6 for blocks of 16-1024 bytes.</summary>
    public BlockOption(uint number, bool more, int sizeExponent)
    {
        Debug.Assert(number <= MaxNumber && sizeExponent is >= 0 and < ReservedExponent, "not encodable");
        Value = (number << 4) | (more ? MoreBit : 0) | (uint)sizeExponent;
    }

    /// <summary>What goes into the option, as an unsigned integer.</summary>
    public uint Value { get; }

    /// <summary>False for size exponent 7, which a request is answered 4.00 for.</summary>
    public bool IsValid => SizeExponent != ReservedExponent;

    public uint Number => Value >> 4;

    public bool More => (Value & MoreBit) != 0;

    public int SizeExponent => (int)(Value & 7);

    /// <summary>Bytes of a block; only for a valid value.</summary>
    public int Size => 16 << SizeExponent;

    /// <summary>Where the block begins in the body, in bytes.</summary>
    public long Offset => (long)Number << (SizeExponent + 4);

    /// <summary>The exponent of a block size of 16-1024 bytes, a power of two.</summary>
    public static int ExponentOf(int size) => BitOperations.Log2((uint)size) - 4;
}
