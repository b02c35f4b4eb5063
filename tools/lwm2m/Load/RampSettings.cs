namespace Tools.Load;

/// <summary>A search for the highest rate: steps from one rate up, until one is not sustained. Rates are notifications per second.</summary>
sealed record RampSettings
{
    /// <summary>A step is sustained where so much of its rate was acknowledged.</summary>
    public const double SustainedShare = 0.95;

    public required double From { get; init; }

    public required double Step { get; init; }

    public double Max { get; init; } = double.PositiveInfinity;

    /// <summary>The first quarter of it is not measured.</summary>
    public TimeSpan StepTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A step is not sustained where more than one in a hundred takes longer.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(1);
}
