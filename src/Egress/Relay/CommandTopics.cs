using Contracts;
using Contracts.Configuration;

namespace Egress.Relay;

/// <summary>Where commands come in, by the configuration: the filters to subscribe to, and how a topic is taken apart.</summary>
internal sealed class CommandTopics
{
    private readonly List<MountpointMatcher> _matchers;
    private readonly HashSet<string> _eventTopics;
    private readonly TopicTree<DeviceTopic> _further = new();

    public CommandTopics(Lwm2mOptions options, IReadOnlyList<DeviceTopic>? further = null)
    {
        var topic = options.Translators.Command.Topic;
        var mountpoints = new Mountpoints(options).All;
        Filters = [.. mountpoints.Select(mountpoint => mountpoint.Filter(topic)).Distinct()];
        Qos = Math.Max(1, options.Translators.Command.Qos);
        _matchers = [.. mountpoints.Select(mountpoint => mountpoint.Matcher(topic))];
        _eventTopics = EventTopics(options.Translators);
        var wanted = Filters.ToDictionary(filter => filter, _ => Qos);
        foreach (var device in further ?? [])
        {
            _further.Add(device.Filter, device);
            // A broker may deliver a message once for each subscription that it matches.
            if (!Filters.Any(filter => TopicFilter.Covers(filter, device.Filter)))
            {
                wanted[device.Filter] = Math.Max(device.Qos, wanted.GetValueOrDefault(device.Filter));
            }
        }

        Wanted = wanted;
    }

    /// <summary>One for each different mountpoint.</summary>
    public IReadOnlyList<string> Filters { get; }

    /// <summary>All that is to be subscribed to, those of single devices too, with the QoS.</summary>
    public IReadOnlyDictionary<string, int> Wanted { get; }

    /// <summary>The offset of the config topic below which every record is in here.</summary>
    public long ConfigOffset { get; init; }

    /// <summary>At least 1: a command is acknowledged when Kafka has it.</summary>
    public int Qos { get; }

    /// <summary>Takes a topic apart in every way that the mountpoints allow.</summary>
    /// <returns>Rendered prefixes with the best guess at a device's name; none where the topic is not for commands.</returns>
    public IReadOnlyList<(string Prefix, string Name)> Split(string topic)
    {
        var split = new List<(string, string)>(1);
        foreach (var matcher in _matchers)
        {
            if (matcher.TryMatch(topic, out var prefix, out var name) && !IsEvent(topic, prefix))
            {
                split.Add((prefix, name));
            }
        }

        return split;
    }

    /// <summary>The devices that have the topic for their own.</summary>
    public IEnumerable<string> Further(string topic) =>
        _further.Find(topic).Where(device => !IsEvent(topic, device.Prefix)).Select(device => device.Endpoint);

    // A filter as wide as "#" catches our own events, which must not come back as commands. ("a/#" catches "a", too, which is no prefix.)
    private bool IsEvent(string topic, string prefix) => topic.Length >= prefix.Length && _eventTopics.Contains(topic[prefix.Length..]);

    private static HashSet<string> EventTopics(TopicMappings mappings) =>
    [
        mappings.Response.Topic, mappings.Notify.Topic, mappings.Register.Topic, mappings.Update.Topic,
        mappings.OfLifecycle().Topic, mappings.OfSend().Topic, TopicMappings.Firmware.Topic,
        .. mappings.Online is { } online ? [online.Topic] : Array.Empty<string>(),
    ];
}
