using Protocol.Lwm2m.Definitions;

namespace Protocol.Lwm2m.Formats;

/// <summary>What decoding needs to know besides the bytes.</summary>
public readonly struct DecodeContext
{
    /// <summary>The path that was read or is observed.</summary>
    public required Lwm2mPath RequestPath { get; init; }

    /// <summary>
    /// The paths of a composite operation, whose <see cref="RequestPath"/> is the root: what lies below none of them was not asked for.
    /// Null where there is one path only, and for a Send, which may hold anything.
    /// </summary>
    public IReadOnlyList<Lwm2mPath>? RequestPaths { get; init; }

    public required DefinitionView Definitions { get; init; }

    /// <summary>Prefix that a device may put before the names it sends; null is "/".</summary>
    public string? AlternatePath { get; init; }

    /// <summary>Unix time in milliseconds; times that a device gives relative to now count from here.</summary>
    public long ReceivedAt { get; init; }

    /// <summary>True for what the request asked for.</summary>
    internal bool Covers(Lwm2mPath path)
    {
        if (RequestPaths is null)
            return RequestPath.IsPrefixOf(path);
        for (var i = 0; i < RequestPaths.Count; i++)
        {
            if (RequestPaths[i].IsPrefixOf(path))
                return true;
        }
        return false;
    }
}
