namespace Contracts.Configuration;

/// <summary>What becomes of values of an object or resource that has no definition.</summary>
public enum UnknownDefinitions
{
    /// <summary>An error event 4.00 with the reason; the record stays on <c>uplink</c>.</summary>
    Discard,

    /// <summary>Base64 of the bytes, with a note.</summary>
    Raw,
}
