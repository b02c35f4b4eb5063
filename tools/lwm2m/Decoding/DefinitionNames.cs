using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;

namespace Tools.Decoding;

/// <summary>Names of what paths lead to.</summary>
static class DefinitionNames
{
    /// <summary>Of a resource, or of an object where the path ends there or at an instance; "" where it is not known.</summary>
    public static string NameOf(this in DefinitionView definitions, string path) =>
        Lwm2mPath.TryParse(path, out var parsed) ? definitions.NameOf(parsed) : "";

    /// <inheritdoc cref="NameOf(in DefinitionView, string)"/>
    public static string NameOf(this in DefinitionView definitions, Lwm2mPath path)
    {
        if (path.IsRoot)
            return "";
        return (path.Depth < 3 ? definitions.FindObject(path.ObjectId)?.Name : definitions.FindResource(path.ObjectId, path.ResourceId)?.Name) ?? "";
    }
}
