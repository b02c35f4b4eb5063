using System.Diagnostics.CodeAnalysis;

namespace Protocol.Lwm2m;

/// <summary>
/// The paths of a composite operation as one text, which stands where the path of any other operation stands: "[/1/0,/3/0/0]". Its paths
/// ascend and none comes twice, so that two lists of the same paths are the same text.
/// </summary>
public static class PathList
{
    /// <summary>Of one list. All of it stands in each record that tells of an observation.</summary>
    public const int MaxPaths = 256;

    /// <summary>Whether a text is such a list, and no single path.</summary>
    public static bool IsList(string text) => text is ['[', ..];

    /// <param name="paths">In any order.</param>
    public static string Format(IEnumerable<Lwm2mPath> paths) => $"[{string.Join(',', paths.Distinct().Order())}]";

    /// <summary>False for a single path, and for what is neither.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IReadOnlyList<Lwm2mPath>? paths)
    {
        paths = null;
        if (!IsList(text) || text[^1] != ']')
            return false;
        var found = new List<Lwm2mPath>();
        var inner = text.AsSpan(1, text.Length - 2);
        foreach (var part in inner.Split(','))
        {
            if (found.Count == MaxPaths || !Lwm2mPath.TryParse(inner[part], out var path))
                return false;
            found.Add(path);
        }

        paths = found;
        return true;
    }
}
