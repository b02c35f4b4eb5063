using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Protocol.Lwm2m.Links;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Attributes;

/// <summary>
/// A set of notification attributes; immutable. An attribute has a value, or is to be taken back ("pmin" without a value), or is not
/// mentioned.
/// </summary>
public sealed class NotificationAttributes
{
    readonly bool[] mentioned;
    readonly decimal?[] values;

    NotificationAttributes(bool[] mentioned, decimal?[] values)
    {
        this.mentioned = mentioned;
        this.values = values;
    }

    /// <summary>Of all attributes, ascending.</summary>
    public static IReadOnlyList<string> Names => NotificationAttributeRules.Names;

    public static NotificationAttributes Empty { get; } = Of([]);

    public bool IsEmpty => Array.IndexOf(mentioned, true) < 0;

    /// <summary>The value; null where the attribute is taken back or not mentioned.</summary>
    public decimal? this[NotificationAttribute attribute] => values[(int)attribute];

    public bool Mentions(NotificationAttribute attribute) => mentioned[(int)attribute];

    /// <summary>Reads the parts of a query: "pmin=10", "gt=-1.5", "st". False for what is no attribute, no value of it, or comes twice.</summary>
    public static bool TryParse(IEnumerable<string> query, out NotificationAttributes attributes, [NotNullWhen(false)] out string? reason)
    {
        attributes = Empty;
        reason = null;
        var found = Of([]);
        foreach (var part in query)
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? part : part[..equals];
            if (!NotificationAttributeRules.TryFind(name, out var attribute))
                reason = $"{(name.Length > 32 ? name[..32] : name)} is not a notification attribute";
            else if (found.Mentions(attribute))
                reason = $"{name} is given twice";
            else if (!found.TrySet(attribute, equals < 0 ? null : part.AsSpan(equals + 1)))
                reason = $"{name} is not a number that this attribute can have";
            if (reason is not null)
                return false;
        }
        attributes = found;
        return true;
    }

    /// <summary>The attributes of a link in the answer to a Discover; what else it has, and what cannot be read, is left out.</summary>
    public static NotificationAttributes Of(CoreLink link) => Of(link.Attributes);

    /// <summary>These attributes, and those of the level above where these do not mention them (LwM2M Core 1.1 section 7.3.3).</summary>
    public NotificationAttributes Inheriting(NotificationAttributes above)
    {
        var merged = new NotificationAttributes([.. mentioned], [.. values]);
        for (var i = 0; i < mentioned.Length; i++)
        {
            if (!mentioned[i])
                (merged.mentioned[i], merged.values[i]) = (above.mentioned[i], above.values[i]);
        }
        return merged;
    }

    /// <summary>One sentence; null where a device of this version can take these attributes at this path.</summary>
    /// <param name="type">Type of the resource that the path names; null where it is not known.</param>
    public string? ReasonAgainst(Lwm2mVersion version, Lwm2mPath path, ResourceType? type)
    {
        for (var i = 0; i < mentioned.Length; i++)
        {
            if (mentioned[i] && NotificationAttributeRules.ReasonAgainst((NotificationAttribute)i, version, path, type) is { } reason)
                return reason;
        }
        // A pmax below pmin is allowed, and ignored by the device.
        if (this[NotificationAttribute.Epmin] is { } least && this[NotificationAttribute.Epmax] is { } most && least >= most)
            return "epmin must be less than epmax";
        if (this[NotificationAttribute.Lt] is not { } low || this[NotificationAttribute.Gt] is not { } high)
            return null;
        var step = this[NotificationAttribute.St] ?? 0;
        // Compared so that it cannot overflow, whatever the numbers are.
        return (double)low + 2 * (double)step < (double)high ? null : "lt + 2 * st must be less than gt";
    }

    /// <summary>The parts of the query, ascending by name: "gt=30", "pmin=10", "st" for one that is taken back.</summary>
    public IReadOnlyList<string> ToQuery()
    {
        var query = new List<string>();
        for (var i = 0; i < mentioned.Length; i++)
        {
            var name = NotificationAttributeRules.NameOf((NotificationAttribute)i);
            if (mentioned[i])
                query.Add(values[i] is { } value ? string.Create(CultureInfo.InvariantCulture, $"{name}={value}") : name);
        }
        return query;
    }

    static NotificationAttributes Of(IReadOnlyList<LinkAttribute> attributes)
    {
        var found = new NotificationAttributes(new bool[NotificationAttributeRules.Count], new decimal?[NotificationAttributeRules.Count]);
        foreach (var (name, value) in attributes)
        {
            if (NotificationAttributeRules.TryFind(name, out var attribute) && !found.Mentions(attribute))
                found.TrySet(attribute, value);
        }
        return found;
    }

    bool TrySet(NotificationAttribute attribute, ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            mentioned[(int)attribute] = true;
            return true;
        }
        if (!NotificationAttributeRules.TryParse(attribute, text, out var value))
            return false;
        (mentioned[(int)attribute], values[(int)attribute]) = (true, value);
        return true;
    }
}
