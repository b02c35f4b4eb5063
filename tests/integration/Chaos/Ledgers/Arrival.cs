namespace Pipeline.IntegrationTests.Chaos.Ledgers;

/// <summary>What an event is that has just come out.</summary>
enum Arrival
{
    First,

    /// <summary>The same event once more.</summary>
    Repeated,

    /// <summary>The message has come out before, as another event.</summary>
    SecondId,

    /// <summary>For the first time, but behind a later one.</summary>
    Reordered,

    NeverSent,
}
