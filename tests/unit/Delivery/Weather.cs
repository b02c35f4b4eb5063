namespace Pipeline.Tests.Delivery;

/// <summary>How often each thing happens in one storm. Storms differ, because a fault that is rare everywhere is never seen twice in one story.</summary>
sealed record Weather
{
    public double Devices { get; private init; } = 3;
    public double Datagrams { get; private init; } = 7;
    public double Logs { get; private init; } = 9;
    public double Reading { get; private init; } = 8;
    public double Translating { get; private init; } = 8;
    public double Commands { get; private init; } = 0.8;
    public double Time { get; private init; } = 0.8;
    public double Strikes { get; private init; } = 0.6;

    public double Total => Devices + Datagrams + Logs + Reading + Translating + Commands + Time + Strikes;

    public double Losses { get; private init; }
    public double Doubles { get; private init; }
    public double Failures { get; private init; }
    public double Moves { get; private init; }
    public double Refusals { get; private init; }

    public static Weather Of(Random random)
    {
        double OneOf(params double[] of) => of[random.Next(of.Length)];
        return new Weather
        {
            Devices = OneOf(2, 4),
            Datagrams = OneOf(4, 8),
            Logs = OneOf(5, 10),
            Reading = OneOf(3, 8, 12),
            Translating = OneOf(3, 8),
            Commands = OneOf(0.3, 1),
            Time = OneOf(0.3, 1),
            Strikes = OneOf(0.1, 0.5, 1.2),
            Losses = OneOf(0, 0.1, 0.3),
            Doubles = OneOf(0, 0.1, 0.3),
            Failures = OneOf(0, 0.05, 0.3),
            Moves = OneOf(0, 0.5, 1),
            Refusals = OneOf(0, 0, 0.1),
        };
    }
}
