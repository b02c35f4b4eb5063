namespace Protocol.Coap.Blockwise;

/// <summary>What is to be done with a request that carries a block of its body.</summary>
public enum RequestBodyStep : byte
{
    /// <summary>More is to come: answer 2.31.</summary>
    Continue,

    /// <summary>The body is whole: act on the request.</summary>
    Whole,

    /// <summary>Answer 4.08: out of order, or of a body that is not known (any more).</summary>
    Incomplete,

    /// <summary>Answer 4.00: the payload is not as long as the option says.</summary>
    WrongSize,

    /// <summary>Answer 4.13: longer than bodies may be, or announced so.</summary>
    TooLarge,

    /// <summary>Answer 5.03: too much is under way.</summary>
    NoRoom,
}
