using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Formats;

namespace Protocol.Lwm2m.Links;

/// <summary>What a device says in Register and Update about its objects (LwM2M Core 1.1 section 6.2.1).</summary>
public sealed class ObjectList
{
    const string RootType = "oma.lwm2m";

    ObjectList(string alternatePath, IReadOnlyList<LinkAttribute> rootAttributes, List<string> paths, List<ObjectEntry> entries)
    {
        AlternatePath = alternatePath;
        RootAttributes = rootAttributes;
        Paths = paths;
        Entries = entries;
        var versions = new Dictionary<ushort, ObjectVersion>();
        foreach (var entry in entries)
        {
            if (entry.Version is { } version)
                versions[entry.Path.ObjectId] = version;
        }
        Versions = versions.Count == 0 ? FrozenDictionary<ushort, ObjectVersion>.Empty : versions;
    }

    /// <summary>Where the objects lie on the device: "/" or, for example, "/lwm2m" or "/a/b", without a slash at the end.</summary>
    public string AlternatePath { get; }

    /// <summary>Attributes of the root link, such as ct; empty where there is none.</summary>
    public IReadOnlyList<LinkAttribute> RootAttributes { get; }

    /// <summary>The content formats that the device announces.</summary>
    public AnnouncedFormats Formats
    {
        get
        {
            foreach (var (name, value) in RootAttributes)
            {
                if (name.Equals("ct", StringComparison.OrdinalIgnoreCase))
                    return AnnouncedFormats.Parse(value);
            }
            return default;
        }
    }

    /// <summary>All links but the root, with leading slash and without the alternate path: the objectList of events.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>Those of <see cref="Paths"/> that name an object or an object instance.</summary>
    public IReadOnlyList<ObjectEntry> Entries { get; }

    /// <summary>Versions that the device names, by object id. An object that is missing here has version 1.0.</summary>
    public IReadOnlyDictionary<ushort, ObjectVersion> Versions { get; }

    /// <summary>Reads the payload of a Register or Update; an empty one is an empty list.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out ObjectList? list, [NotNullWhen(false)] out string? error)
    {
        list = null;
        if (!LinkFormat.TryParse(utf8, out var links, out error))
            return false;

        // The root may stand anywhere in the list, so it is looked for first. Of several the first counts.
        CoreLink? root = null;
        foreach (var link in links)
        {
            if (HasRootType(link))
            {
                root = link;
                break;
            }
        }
        var alternatePath = root is null ? "/" : WithSlash(root.Target.TrimEnd('/'));

        var paths = new List<string>(links.Count);
        var entries = new List<ObjectEntry>(links.Count);
        foreach (var link in links)
        {
            if (link.Target.Trim('/').Length == 0)
            {
                root ??= link;
                continue;
            }
            if (HasRootType(link))
                continue;
            var path = Strip(WithSlash(link.Target), alternatePath);
            paths.Add(path);
            if (Lwm2mPath.TryParse(path, out var parsed) && parsed.Depth is 1 or 2)
                entries.Add(new ObjectEntry(parsed, ObjectVersion.TryParse(link["ver"], out var version) ? version : null));
        }
        list = new ObjectList(alternatePath, root?.Attributes ?? [], paths, entries);
        return true;
    }

    // rt holds several types separated by blanks (RFC 6690 section 3.1).
    static bool HasRootType(CoreLink link) =>
        link["rt"] is { } types && types.Split(' ', StringSplitOptions.RemoveEmptyEntries).Contains(RootType, StringComparer.Ordinal);

    // An absolute URI stays as it is.
    static string WithSlash(string target) =>
        target.StartsWith('/') || target.Contains("://", StringComparison.Ordinal) ? target : "/" + target;

    static string Strip(string path, string alternatePath) =>
        alternatePath.Length > 1 && path.Length > alternatePath.Length + 1
        && path.StartsWith(alternatePath, StringComparison.Ordinal) && path[alternatePath.Length] == '/'
            ? path[alternatePath.Length..]
            : path;
}
