using Contracts.Configuration;

namespace Tools.Simulation.Scenarios;

/// <summary>What stands between the devices of a group and the gateway.</summary>
[Doc("What the network does to datagrams.")]
sealed record NetworkOptions
{
    [Doc("From the device to the gateway.")]
    public LinkOptions Up { get; init; } = new();

    [Doc("From the gateway to the device.")]
    public LinkOptions Down { get; init; } = new();

    [Doc("A NAT that gives the device a new source port so often; what is sent to the old one is lost.")]
    [Range("100ms", "365d")]
    public TimeSpan? RebindEvery { get; init; }
}
