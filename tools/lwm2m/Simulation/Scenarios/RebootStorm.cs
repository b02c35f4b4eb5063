using Contracts.Configuration;

namespace Tools.Simulation.Scenarios;

/// <summary>A power cut: a share of the devices forgets everything, and registers anew after its reboot.</summary>
[Doc("A reboot storm.")]
sealed record RebootStorm
{
    [Doc("When it begins.")]
    [Range("0s", "365d")]
    public TimeSpan At { get; init; }

    [Doc("Share of the devices that reboot.")]
    [Range("0", "1")]
    public double Share { get; init; } = 1;

    [Doc("Each reboots within that time, by chance.")]
    [Range("0s", "365d")]
    public TimeSpan Within { get; init; } = TimeSpan.FromSeconds(1);

    [Doc("Names of the groups that it meets; none for all.")]
    public IReadOnlyList<string> Groups { get; init; } = [];
}
