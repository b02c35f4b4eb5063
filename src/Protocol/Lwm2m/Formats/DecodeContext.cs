using Protocol.Lwm2m.Definitions;

namespace Protocol.Lwm2m.Formats;

/// <summary>What decoding needs to know besides the bytes.</summary>
public readonly struct DecodeContext
{
    /// <summary>The path that was read or is observed.</summary>
    public required Lwm2mPath RequestPath { get; init; }

    public required DefinitionView Definitions { get; init; }

    /// <summary>Prefix that a device may put before the names it sends; null is "/".</summary>
    public string? AlternatePath { get; init; }

    /// <summary>Unix time in milliseconds; times that a device gives relative to now count from here.</summary>
    public long ReceivedAt { get; init; }
}
