namespace Pipeline.IntegrationTests.Chaos.Fleet;

/// <summary>What the devices went through. Written by the thread of the fleet, read by any.</summary>
sealed class FleetCounters
{
    public long Registered;
    public long Observed;
    public long Retransmissions;
    public long Lost;
    public long SentAway;
    public long Requests;
    public long RepeatedRequests;
}
