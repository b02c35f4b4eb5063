namespace Contracts.Configuration;

/// <summary>What only Egress needs.</summary>
[Doc("Egress: publishing to MQTT.")]
public sealed record EgressOptions
{
    [Doc("Least QoS that events are published with; below 1 an event may be lost.")]
    [Range("0", "2")]
    public int MinQos { get; init; } = 1;

    [Doc("Connections to the broker; the events of one device always take the same one.")]
    [Range("1", "64")]
    public int Connections { get; init; } = 2;

    [Doc("Most events of one connection that wait for the broker's PUBACK.")]
    [Range("1", "65535")]
    public int Inflight { get; init; } = 64;
}
