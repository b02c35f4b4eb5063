namespace Contracts.Configuration;

/// <summary>One MQTT topic below the mountpoint, and its QoS.</summary>
[Doc("One MQTT topic below the mountpoint.")]
public sealed record TopicMapping
{
    [Doc("Topic, put behind the rendered mountpoint as it is; no slash is added or taken away.")]
    [Live]
    public required string Topic { get; init; }

    [Doc("QoS; for events `egress.min_qos` may raise it.")]
    [Range("0", "2")]
    [Live]
    public int Qos { get; init; }
}
