namespace Protocol.Lwm2m;

/// <summary>What the path of a command names, such as "/6/0/0?a=b&amp;c=1": an LwM2M path and Uri-Query options.</summary>
public sealed record RequestTarget(Lwm2mPath Path, IReadOnlyList<string> Query)
{
    /// <summary>Splits off the query and reads the path, with any number of slashes at its ends. Empty parts of the query are left out.</summary>
    public static bool TryParse(string text, out RequestTarget target)
    {
        var mark = text.IndexOf('?', StringComparison.Ordinal);
        var written = mark < 0 ? text : text.AsSpan(0, mark);
        var parsed = Lwm2mPath.TryParse(written.IsEmpty ? written : $"/{written.Trim('/')}", out var path);
        string[] query = mark < 0 ? [] : text[(mark + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries);
        target = new RequestTarget(path, query);
        return parsed;
    }
}
