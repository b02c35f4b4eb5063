using Contracts.Configuration;

namespace Tools.Simulation.Scenarios;

/// <summary>A scenario file: fleets of simulated devices and what happens to them. Durations count from the start of the run.</summary>
[Doc("Fleets of simulated devices and what happens to them.")]
sealed record Scenario
{
    [Doc("The same seed gives the same devices with the same datagrams at the same times, as far as the answers of the gateway are the same.")]
    public int Seed { get; init; } = 1;

    [Doc("End after that time; without it at Ctrl-C.")]
    [Range("1s", "365d")]
    public TimeSpan? Duration { get; init; }

    [Doc("How fast the devices come up, all groups together.")]
    [Unit(Unit.Rate)]
    [Range("0.01/s", "1000000/s")]
    public double RegisterRate { get; init; } = 200;

    [Doc("Groups of like devices, by name.")]
    [Pattern("[A-Za-z0-9_-]{1,64}")]
    public required IReadOnlyDictionary<string, DeviceGroup> Groups { get; init; }

    [Doc("Reboot storms.")]
    public IReadOnlyList<RebootStorm> Storms { get; init; } = [];
}
