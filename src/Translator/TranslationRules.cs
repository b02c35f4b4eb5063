using Contracts;
using Contracts.Configuration;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;

namespace Translator;

/// <summary>Configuration and definitions as translation needs them. Immutable: a change of either makes a new one.</summary>
public sealed class TranslationRules
{
    private readonly Mountpoints _mountpoints;
    private readonly List<MountpointMatcher> _matchers;

    public TranslationRules(GatewayConfiguration configuration, DefinitionCatalog definitions)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Configuration = configuration;
        Definitions = definitions;
        _mountpoints = new Mountpoints(Lwm2m);
        _matchers = [.. _mountpoints.All.Select(mountpoint => mountpoint.Matcher(Topics.Command.Topic))];
        Lifecycle = Topics.OfLifecycle();
        Send = Topics.OfSend();
        Source = "/" + configuration.Kafka.TopicPrefix;
    }

    public GatewayConfiguration Configuration { get; }

    public DefinitionCatalog Definitions { get; }

    internal Lwm2mOptions Lwm2m => Configuration.Lwm2m;

    internal TranslatorOptions Options => Configuration.Translator;

    internal TopicMappings Topics => Lwm2m.Translators;

    internal TopicMapping Lifecycle { get; }

    internal TopicMapping Send { get; }

    /// <summary>CloudEvents source.</summary>
    internal string Source { get; }

    /// <summary>The definitions with the object versions of the device that the event is of.</summary>
    internal DefinitionView DefinitionsOf(UplinkEvent uplink) =>
        uplink.Versions.Count == 0 // most are so: spares the enumerator
            ? Definitions.For(null, NegotiatedVersion.Of(uplink.Lwm2MVersion).Version)
            : Definitions.For(uplink.Versions.Select(version => (version.ObjectId, version.Version)), uplink.Lwm2MVersion);

    /// <summary>The definitions with the object versions of a device; of one that nobody knows those of LwM2M 1.0.</summary>
    internal DefinitionView DefinitionsOf(RegistrationRecord? registration) =>
        registration is null ? Definitions.For(null) : Definitions.For(registration.ObjectVersions, registration.Lwm2mVersion);

    /// <summary>The first part of the topics of the device that the event is of.</summary>
    internal string PrefixOf(UplinkEvent uplink)
    {
        if (uplink.Client is { } client)
        {
            return _mountpoints.Of(client.Listener).Render(uplink.Endpoint, client);
        }

        // Nobody knows the device: the prefix that the command came on, else the likeliest names.
        return uplink.Mountpoint.Length > 0
            ? uplink.Mountpoint
            : _mountpoints.All[0].Render(uplink.Endpoint, new ClientIdentity { Clientid = uplink.Endpoint, Username = uplink.Endpoint });
    }

    /// <summary>The rendered mountpoint of a topic that a command came on; empty where the topic is none of commands.</summary>
    internal string PrefixOfCommand(string topic)
    {
        foreach (var matcher in _matchers)
        {
            if (matcher.TryMatch(topic, out var prefix, out _))
            {
                return prefix;
            }
        }

        return "";
    }

    /// <summary>False for a topic that is not a name, and for one that commands are taken from: an answer there would be a command.</summary>
    internal bool MayAnswerOn(string topic)
    {
        foreach (var matcher in _matchers)
        {
            if (matcher.TryMatch(topic, out _, out _))
            {
                return false;
            }
        }

        return IsTopicName(topic);
    }

    internal static bool IsTopicName(string topic) => topic.Length is > 0 and < 65536 && topic.AsSpan().IndexOfAny('+', '#', '\0') < 0;
}
