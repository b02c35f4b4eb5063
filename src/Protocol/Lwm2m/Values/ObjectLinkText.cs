using System.Globalization;

namespace Protocol.Lwm2m.Values;

/// <summary>The "object:instance" notation of an object link.</summary>
static class ObjectLinkText
{
    internal static bool TryParse(ReadOnlySpan<char> text, out Lwm2mValue value)
    {
        value = default;
        var colon = text.IndexOf(':');
        if (colon < 0
            || !ushort.TryParse(text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var objectId)
            || !ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var instanceId))
            return false;
        value = Lwm2mValue.ObjectLink(objectId, instanceId);
        return true;
    }
}
