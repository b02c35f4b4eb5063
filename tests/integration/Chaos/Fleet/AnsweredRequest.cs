namespace Pipeline.IntegrationTests.Chaos.Fleet;

/// <summary>A request of the gateway that a device knows, so that it does not do it twice (RFC 7252 section 4.2).</summary>
sealed class AnsweredRequest(int replica, ushort messageId, byte[] reply, long at)
{
    public int Replica => replica;

    public ushort MessageId => messageId;

    public byte[] Reply => reply;

    /// <summary>When it came first, in milliseconds.</summary>
    public long At => at;

    /// <summary>False as long as the device is still at it.</summary>
    public bool IsAnswered { get; set; }
}
