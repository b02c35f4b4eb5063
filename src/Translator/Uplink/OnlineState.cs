using Contracts;

namespace Translator.Uplink;

/// <summary>The retained state of a device (<c>translators.online</c>), an event beside the one that changes it.</summary>
internal static class OnlineState
{
    /// <summary>Null where the event changes nothing, or no state is wanted.</summary>
    public static DeviceEvent? Of(UplinkEvent uplink, TranslationRules rules)
    {
        if (rules.Topics.Online is not { } mapping || EndOf(uplink.Kind) is not { } end)
        {
            return null;
        }

        return new DeviceEvent
        {
            Key = uplink.Endpoint,
            Id = new EventId(uplink.IdHigh, uplink.IdLow) + "-1",
            Type = EventTypes.Online,
            Source = rules.Source,
            Topic = EventShaper.IsDenied(uplink, Denied.Lifecycle) ? null : EventShaper.TopicOf(uplink, rules, mapping),
            Qos = mapping.Qos,
            Retain = true,
            Json = Write(uplink, end),
        };
    }

    // How the registration ended; empty: it has begun. Of a registration that is replaced the end is told too: the new one, whose event follows,
    // may have another prefix.
    private static string? EndOf(EventKind kind) => kind switch
    {
        EventKind.Registered => "",
        EventKind.Deregistered => "deregister",
        EventKind.Expired => "expired",
        EventKind.Replaced => "replaced",
        _ => null,
    };

    private static byte[] Write(UplinkEvent uplink, string end)
    {
        var json = JsonOutput.Fresh();
        json.Raw("{\"endpoint\":"u8);
        json.Text(uplink.Endpoint);
        json.Raw(end.Length == 0 ? ",\"online\":true"u8 : ",\"online\":false,\"reason\":"u8);
        if (end.Length > 0)
        {
            json.Text(end);
        }

        json.Raw(",\"since\":"u8);
        json.Number((long)(uplink.ReceivedNs / 1_000_000));
        json.Raw("}"u8);
        return json.ToArray();
    }
}
