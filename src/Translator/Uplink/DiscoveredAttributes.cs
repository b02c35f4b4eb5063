using System.Globalization;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Attributes;
using Protocol.Lwm2m.Links;

namespace Translator.Uplink;

/// <summary>
/// The notification attributes that the answer to a discover tells of: for each link its own, and those in force there, which it may inherit
/// from a level above (LwM2M Core 1.2 section 7.3.3).
/// </summary>
internal sealed record DiscoveredAttributes(string Path, NotificationAttributes Own, NotificationAttributes InForce)
{
    /// <summary>Of the links that have attributes or inherit some, in order; none where no link has any.</summary>
    /// <param name="alternatePath">Where the objects lie on the device; "/" or empty is the root.</param>
    public static IReadOnlyList<DiscoveredAttributes> Of(IReadOnlyList<CoreLink> links, string alternatePath)
    {
        var own = new Dictionary<Lwm2mPath, NotificationAttributes>();
        foreach (var link in links)
        {
            if (PathOf(link, alternatePath) is { } path && NotificationAttributes.Of(link) is { IsEmpty: false } attributes)
            {
                own.TryAdd(path, attributes);
            }
        }

        var found = new List<DiscoveredAttributes>();
        if (own.Count == 0)
        {
            return found;
        }

        foreach (var path in links.Select(link => PathOf(link, alternatePath)).OfType<Lwm2mPath>().Distinct())
        {
            var inForce = NotificationAttributes.Empty;
            for (var level = 0; level <= path.Depth; level++)
            {
                inForce = own.GetValueOrDefault(path.Take(level))?.Inheriting(inForce) ?? inForce;
            }

            if (!inForce.IsEmpty)
            {
                found.Add(new DiscoveredAttributes(path.ToString(), own.GetValueOrDefault(path, NotificationAttributes.Empty), inForce));
            }
        }

        return found;
    }

    public static void Write(JsonOutput json, IReadOnlyList<DiscoveredAttributes> found)
    {
        for (var i = 0; i < found.Count; i++)
        {
            json.Raw(i > 0 ? ",{\"inForce\":"u8 : "[{\"inForce\":"u8);
            Write(json, found[i].InForce);
            if (!found[i].Own.IsEmpty)
            {
                json.Raw(",\"own\":"u8);
                Write(json, found[i].Own);
            }

            json.Raw(",\"path\":"u8);
            json.Text(found[i].Path);
            json.Raw("}"u8);
        }

        json.Raw("]"u8);
    }

    // Ascending by name, as JSON of ours is; one without a value is null.
    private static void Write(JsonOutput json, NotificationAttributes attributes)
    {
        var first = true;
        json.Raw("{"u8);
        foreach (var attribute in Enum.GetValues<NotificationAttribute>().Where(attributes.Mentions))
        {
            EventJson.Key(json, System.Text.Encoding.ASCII.GetBytes(NotificationAttributes.Names[(int)attribute]), ref first);
            json.Raw(System.Text.Encoding.ASCII.GetBytes(attributes[attribute]?.ToString(CultureInfo.InvariantCulture) ?? "null"));
        }

        json.Raw("}"u8);
    }

    private static Lwm2mPath? PathOf(CoreLink link, string alternatePath)
    {
        var target = alternatePath.Length > 1 && link.Target.StartsWith(alternatePath + "/", StringComparison.Ordinal) ? link.Target[alternatePath.Length..] : link.Target;
        return Lwm2mPath.TryParse(target, out var path) ? path : null;
    }
}
