using System.Text.Json;
using Contracts;
using Protocol.Lwm2m;

namespace Translator.Downlink;

/// <summary>Attributes that hold for one observation, in the query of its Observe (LwM2M Core 1.2 section 6.4.1).</summary>
internal static class ObserveAttributes
{
    /// <summary>Puts those that the command names behind the query of its path. One sentence where they cannot be; else null.</summary>
    /// <param name="path">Where they would be set; of a composite observation that of any object.</param>
    public static string? Add(DownlinkOperation observe, JsonElement data, Lwm2mPath path, in CommandedDevice device)
    {
        if (!AttributeQuery.TryRead(data, out var attributes, out var problem))
        {
            return problem;
        }

        if (attributes.IsEmpty)
        {
            return null;
        }

        if ((device.ReasonAgainst("an observe with attributes", Lwm2mVersion.V12) ?? device.ReasonAgainst(attributes, path)) is { } reason)
        {
            return reason;
        }

        observe.Queries.AddRange(attributes.ToQuery());
        return null;
    }
}
