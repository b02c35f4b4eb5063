namespace Messaging;

/// <summary>
/// What became of a record offered to <see cref="LogProducer"/>. Anything but <see cref="Handed"/>: Kafka has been given nothing.
/// </summary>
public enum AppendStatus
{
    /// <summary>Taken; the sink hears the outcome exactly once.</summary>
    Handed,

    /// <summary>No room now: trying again later helps.</summary>
    QueueFull,

    /// <summary>No broker can be reached or the client cannot send to this topic now: trying again later helps.</summary>
    BrokersAway,

    /// <summary>Larger than Kafka takes: trying again never helps.</summary>
    TooLarge,
}
