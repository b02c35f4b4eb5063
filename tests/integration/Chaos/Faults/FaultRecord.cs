using Pipeline.IntegrationTests.Chaos.Ledgers;

namespace Pipeline.IntegrationTests.Chaos.Faults;

/// <summary>What a fault met, and what came of it. Times are milliseconds of the run.</summary>
sealed class FaultRecord(string name)
{
    public string Name => name;

    public long At { get; set; }

    /// <summary>When everything was there again.</summary>
    public long Until { get; set; }

    /// <summary>What was under way in the hands of the victim when it was struck.</summary>
    public long InFlight { get; set; }

    /// <summary>Of what <see cref="InFlight"/> is a number.</summary>
    public string Of { get; set; } = "";

    /// <summary>From the start of the new process to the first message of a device of its own that it acknowledged; null: does not apply.</summary>
    public long? OwnershipRestored { get; set; }

    /// <summary>Kafka as a whole was not there.</summary>
    public bool KafkaWasAway { get; set; }

    public FaultWindow Window => new(At, Until);
}
