namespace Contracts.Configuration;

/// <summary>The topics of commands and of each kind of event (EMQX's <c>translators</c>).</summary>
[Doc("Topics of commands and of each kind of event.")]
public sealed record TopicMappings
{
    [Doc("Commands to the device; a filter.")]
    public TopicMapping Command { get; init; } = new() { Topic = "dn/#" };

    [Doc("Answers to commands, and what became of them.")]
    public TopicMapping Response { get; init; } = new() { Topic = "up/resp" };

    [Doc("Notifications of observed values.")]
    public TopicMapping Notify { get; init; } = new() { Topic = "up/notify" };

    [Doc("Registrations.")]
    public TopicMapping Register { get; init; } = new() { Topic = "up/resp" };

    [Doc("Registration updates.")]
    public TopicMapping Update { get; init; } = new() { Topic = "up/resp" };

    [Doc("De-registrations, expiries, replacements. Absent: the topic of `register` with its last level replaced by `lifecycle`.")]
    public TopicMapping? Lifecycle { get; init; }

    [Doc("LwM2M Send. Absent: the topic of `notify` with its last level replaced by `send`.")]
    public TopicMapping? Send { get; init; }

    [Doc("Whether the device is registered, as a retained message of its own. Absent: none.")]
    public TopicMapping? Online { get; init; }

    /// <summary>Notifications of object 5 go here, whatever the configuration says, as with EMQX.</summary>
    public static TopicMapping Firmware { get; } = new() { Topic = "/v1/up/dm" };

    /// <summary>The mapping of de-registrations, expiries and replacements in force.</summary>
    public TopicMapping OfLifecycle() => Lifecycle ?? WithLastLevel(Register, "lifecycle");

    /// <summary>The mapping of LwM2M Send in force.</summary>
    public TopicMapping OfSend() => Send ?? WithLastLevel(Notify, "send");

    static TopicMapping WithLastLevel(TopicMapping mapping, string level) =>
        mapping with { Topic = mapping.Topic[..(mapping.Topic.LastIndexOf('/') + 1)] + level };
}
