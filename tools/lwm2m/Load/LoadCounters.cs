namespace Tools.Load;

/// <summary>What the generator counts besides latencies. Written by its thread.</summary>
sealed class LoadCounters
{
    public long NotificationsSent;
    public long NotificationsAcknowledged;
    public long UpdatesAcknowledged;
    public long Registrations;

    /// <summary>Registers and Updates that were answered with an error.</summary>
    public long Refused;

    /// <summary>Messages given up after the last retransmission.</summary>
    public long TimedOut;

    public long Retransmissions;

    /// <summary>Notifications answered by a Reset.</summary>
    public long Resets;
}
