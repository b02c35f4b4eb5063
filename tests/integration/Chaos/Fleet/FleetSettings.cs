namespace Pipeline.IntegrationTests.Chaos.Fleet;

/// <summary>How the devices behave.</summary>
sealed record FleetSettings
{
    public required int Devices { get; init; }

    /// <summary>Notifications and Updates of all devices together, per second.</summary>
    public required double EventsPerSecond { get; init; }

    /// <summary>The part of them that are Updates.</summary>
    public double Updates { get; init; } = 0.05;

    public double RegistersPerSecond { get; init; } = 200;

    /// <summary>The part of the messages that are sent to any replica, instead of the device's own.</summary>
    public double Roaming { get; init; } = 0.02;

    /// <summary>The part of the datagrams that get lost, in each direction.</summary>
    public double Loss { get; init; } = 0.005;

    /// <summary>Devices take up to so long to answer a request, in milliseconds.</summary>
    public int AnswerDelay { get; init; } = 400;

    public int Seed { get; init; } = 1;
}
