using Contracts.Configuration;

namespace Tools.Simulation.Scenarios;

/// <summary>How one value moves; which keys count depends on the kind.</summary>
[Doc("How one value moves.")]
sealed record SignalOptions
{
    [Doc("wave: around a mean; walk: to and fro between min and max; counter: up at a rate; choice: one of some texts.")]
    public SignalKind Kind { get; init; } = SignalKind.Wave;

    [Doc("wave: the middle; walk and counter: where it begins.")]
    public double Mean { get; init; }

    [Doc("Each device has a middle of its own, so far from that at most.")]
    [Range("0", "1000000000")]
    public double Spread { get; init; }

    [Doc("wave: how far it goes to each side in a period.")]
    public double Swing { get; init; }

    [Doc("wave: how long one turn takes.")]
    [Range("1s", "365d")]
    public TimeSpan Period { get; init; } = TimeSpan.FromDays(1);

    [Doc("wave: standard deviation of the noise; walk: the same of one step; counter: of the rate, as a share of it.")]
    [Range("0", "1000000000")]
    public double Noise { get; init; }

    [Doc("Not below.")]
    public double Min { get; init; } = double.MinValue;

    [Doc("Not above.")]
    public double Max { get; init; } = double.MaxValue;

    [Doc("counter: how much in an hour.")]
    [Range("0", "1000000000")]
    public double PerHour { get; init; } = 1;

    [Doc("choice: how often it changes in an hour, on average.")]
    [Range("0", "1000000000")]
    public double ChangesPerHour { get; init; } = 6;

    [Doc("choice: what it changes between.")]
    public IReadOnlyList<string> Choices { get; init; } = [];

    [Doc("Digits behind the point.")]
    [Range("0", "12")]
    public int Digits { get; init; } = 1;
}
