namespace Egress.Relay;

/// <summary>A topic filter below the mountpoint of one device, where messages are commands to it.</summary>
internal sealed record DeviceTopic(string Endpoint, string Prefix, string Topic, int Qos)
{
    /// <summary>What to subscribe to.</summary>
    public string Filter { get; } = Prefix + Topic;
}
