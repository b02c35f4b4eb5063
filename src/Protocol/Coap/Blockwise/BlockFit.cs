namespace Protocol.Coap.Blockwise;

/// <summary>What a block means to a <see cref="BodyAssembly"/>.</summary>
public enum BlockFit : byte
{
    /// <summary>The next one; more are to come.</summary>
    Taken,

    /// <summary>The last one: the body is whole.</summary>
    Last,

    /// <summary>The one that was taken last, once more.</summary>
    Repeated,

    /// <summary>It does not begin where the body ends.</summary>
    OutOfOrder,

    /// <summary>Its payload is not as long as the option says (RFC 7959 section 2.2).</summary>
    WrongSize,

    /// <summary>The body would be longer than it may be.</summary>
    TooLarge,
}
