namespace Pipeline.IntegrationTests.Chaos.Faults;

/// <summary>One thing that goes wrong, from the moment before to the moment when nobody is missing any more.</summary>
sealed record Fault(string Name, Func<FaultScene, Task> PlayAsync);
