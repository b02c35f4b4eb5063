using System.Globalization;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Attributes;

/// <summary>What each attribute may be, where it may be set, and since when (LwM2M Core 1.2 section 7.3.2 table 7.3.2-1).</summary>
static class NotificationAttributeRules
{
    const int MaxTextLength = 32;

    internal static readonly string[] Names = [.. Enum.GetNames<NotificationAttribute>().Select(name => name.ToLowerInvariant())];

    internal static int Count => Names.Length;

    internal static string NameOf(NotificationAttribute attribute) => Names[(int)attribute];

    internal static bool TryFind(ReadOnlySpan<char> name, out NotificationAttribute attribute)
    {
        attribute = default;
        for (var i = 0; i < Names.Length; i++)
        {
            attribute = (NotificationAttribute)i;
            if (name.SequenceEqual(Names[i]))
                return true;
        }
        return false;
    }

    internal static bool TryParse(NotificationAttribute attribute, ReadOnlySpan<char> text, out decimal value)
    {
        value = 0;
        if (text.Length is 0 or > MaxTextLength)
            return false;
        if (IsLevel(attribute))
        {
            const NumberStyles Number = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
            return decimal.TryParse(text, Number, CultureInfo.InvariantCulture, out value) && (attribute != NotificationAttribute.St || value >= 0);
        }
        var isWhole = uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var whole);
        value = whole;
        return isWhole && (!IsFlag(attribute) || whole <= 1);
    }

    internal static Lwm2mVersion Since(NotificationAttribute attribute) => attribute switch
    {
        NotificationAttribute.Epmin or NotificationAttribute.Epmax => Lwm2mVersion.V11,
        NotificationAttribute.Con or NotificationAttribute.Edge or NotificationAttribute.Hqmax => Lwm2mVersion.V12,
        _ => Lwm2mVersion.V10,
    };

    /// <summary>One sentence; null where the attribute can be set at this path.</summary>
    /// <param name="type">Type of the resource that the path names; null where it is not known, or the path names none.</param>
    internal static string? ReasonAgainst(NotificationAttribute attribute, Lwm2mVersion version, Lwm2mPath path, ResourceType? type)
    {
        var name = NameOf(attribute);
        if (Since(attribute) > version)
            return $"{name} needs LwM2M {new NegotiatedVersion(Since(attribute)).Text}, the device has {new NegotiatedVersion(version).Text}";
        if (path.IsRoot)
            return $"{name} needs a path of at least one number";
        if (path.Depth == 4 && version == Lwm2mVersion.V10)
            return "LwM2M 1.0 knows no attributes of resource instances";
        if (path.Depth < 3)
            return IsLevel(attribute) || attribute == NotificationAttribute.Edge ? $"{name} is for resources" : null;
        if (IsLevel(attribute) && type is { } level && !IsNumeric(level))
            return $"{name} is for numbers, the resource is {ResourceTypeName.Of(level)}";
        return attribute == NotificationAttribute.Edge && type is { } edge && edge != ResourceType.Boolean
            ? $"{name} is for booleans, the resource is {ResourceTypeName.Of(edge)}"
            : null;
    }

    static bool IsLevel(NotificationAttribute attribute) =>
        attribute is NotificationAttribute.Gt or NotificationAttribute.Lt or NotificationAttribute.St;

    static bool IsFlag(NotificationAttribute attribute) => attribute is NotificationAttribute.Con or NotificationAttribute.Edge;

    static bool IsNumeric(ResourceType type) =>
        type is ResourceType.Integer or ResourceType.UnsignedInteger or ResourceType.Float or ResourceType.Time;
}
