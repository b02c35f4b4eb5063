namespace Protocol.Coap.Blockwise;

/// <summary>What a response means to an <see cref="AnswerAssembly"/>.</summary>
enum AnswerFit : byte
{
    /// <summary>Ask for the next block.</summary>
    Taken,
    Whole,

    /// <summary>Another representation than the first block was of.</summary>
    Changed,

    /// <summary>Out of order or of a wrong size.</summary>
    Misfit,

    /// <summary>Longer than bodies may be, or announced so.</summary>
    TooLarge,
}
