using Contracts;
using Contracts.Configuration;

namespace Ingress.Access;

/// <summary>The topics that a device's events go to and its commands come from, each with the bits that it stands for.</summary>
static class DeviceTopics
{
    /// <summary>Topics that several mappings share come once.</summary>
    public static IEnumerable<DeviceTopic> Of(Lwm2mOptions options, string endpoint, ClientIdentity client)
    {
        var prefix = new Mountpoints(options).Of(client.Listener).Render(endpoint, client);
        var topics = options.Translators;
        (TopicMapping Mapping, Denied Bit)[] published =
        [
            (topics.Response, Denied.Response), (topics.Notify, Denied.Notify), (topics.Register, Denied.Register), (topics.Update, Denied.Update),
            (topics.OfLifecycle(), Denied.Lifecycle), (topics.OfSend(), Denied.Send), (TopicMappings.Firmware, Denied.Firmware),
        ];
        if (topics.Online is { } online)
            published = [.. published, (online, Denied.Lifecycle)];
        return published.GroupBy(p => p.Mapping.Topic)
            .Select(g => new DeviceTopic("publish", prefix, prefix + g.Key, g.Max(p => p.Mapping.Qos), g.Aggregate(Denied.Nothing, (bits, p) => bits | p.Bit)))
            .Append(new DeviceTopic("subscribe", prefix, prefix + topics.Command.Topic, topics.Command.Qos, Denied.Command));
    }
}
