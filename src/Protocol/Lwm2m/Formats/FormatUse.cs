namespace Protocol.Lwm2m.Formats;

/// <summary>Operations as the choice of a content format sees them.</summary>
public enum FormatUse : byte
{
    /// <summary>Read, Observe, and their cancellation: the answer carries values.</summary>
    Read,

    /// <summary>Write in full or in part: the request carries values.</summary>
    Write,
    Create,

    /// <summary>Read-Composite, Observe-Composite, and its cancellation: the request carries paths, the answer values.</summary>
    ReadComposite,

    /// <summary>The request carries values, or what is to be removed.</summary>
    WriteComposite,
}
