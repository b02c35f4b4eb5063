namespace Pipeline.IntegrationTests.Chaos.Ledgers;

/// <summary>What a run must not show, each of them a broken promise.</summary>
enum FindingKind
{
    /// <summary>Acknowledged to the device, never seen on Kafka or MQTT.</summary>
    Lost,

    /// <summary>Came out with a number that nobody has sent.</summary>
    NeverSent,

    /// <summary>One message of a device became two events.</summary>
    TwoIds,

    /// <summary>A device was told 5.03, trying again is harmless, and its message became an event all the same.</summary>
    ToldDespiteRefusal,

    /// <summary>Came out again, although neither a fault nor a retransmission to another replica explains it.</summary>
    UnexplainedDuplicate,

    /// <summary>Came out for the first time behind a later one of the same registration, and does not say that it is late.</summary>
    Reordered,

    /// <summary>A command that was accepted, and about which nothing was said.</summary>
    NoOutcome,

    /// <summary>Two outcomes of a command that say different things, or the same under two ids.</summary>
    TwoOutcomes,

    /// <summary>An outcome of a command that nobody gave.</summary>
    UnknownCommand,

    /// <summary>A device has carried out an execute more than once.</summary>
    ExecutedTwice,

    /// <summary>Reported as done, but the device knows nothing of it.</summary>
    NotExecuted,

    /// <summary>A device had to register again: it was told 4.04, or its notification was reset.</summary>
    RegistrationLost,

    /// <summary>Nobody answered a device for MAX_TRANSMIT_WAIT, although Kafka was there: it gave up and registered again.</summary>
    Unanswered,

    /// <summary>A notification was answered by a Reset.</summary>
    ObservationLost,

    /// <summary>No acknowledgement of a restarted replica to a device that it owned within the time allowed.</summary>
    OwnershipLate,

    /// <summary>A service that did not come back, or did not end when it was asked to.</summary>
    ServiceFailed,

    /// <summary>A failure of the infrastructure must never send a record to <c>deadletters</c>.</summary>
    DeadLettered,

    /// <summary>A fault that caught nothing in flight proves nothing.</summary>
    NothingInFlight,
}
