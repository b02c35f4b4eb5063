namespace Ingress.Forwarding;

/// <summary>Why a datagram between replicas went no further.</summary>
enum ForwardDrop
{
    /// <summary>It is none of this version, or carries nothing that may be handed on.</summary>
    Malformed,

    /// <summary>Whoever made it has not our key.</summary>
    BadMac,

    /// <summary>It is for another slot: its address was that slot's before.</summary>
    OtherSlot,

    /// <summary>It came to a DTLS listener that this replica does not have.</summary>
    NoListener,

    /// <summary>The replica that hears the device does not live.</summary>
    NoReceiver,

    /// <summary>It does not fit into one datagram with what stands around it.</summary>
    Oversized,
}
