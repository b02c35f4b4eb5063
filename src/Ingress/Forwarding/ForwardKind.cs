namespace Ingress.Forwarding;

/// <summary>Which way a datagram between replicas goes; the values stand in it.</summary>
enum ForwardKind : byte
{
    /// <summary>From a device, to the replica that has its session.</summary>
    Uplink = 1,

    /// <summary>To a device, through the replica that hears it.</summary>
    Answer = 2,
}
