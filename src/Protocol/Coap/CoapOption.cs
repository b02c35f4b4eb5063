namespace Protocol.Coap;

/// <summary>One option of a message; the value lies in the datagram.</summary>
public readonly ref struct CoapOption
{
    internal CoapOption(ushort number, ReadOnlySpan<byte> value)
    {
        Number = number;
        Value = value;
    }

    public ushort Number { get; }

    public ReadOnlySpan<byte> Value { get; }
}
