namespace Tools.Pcap;

/// <summary>What a frame of a capture file is to us.</summary>
enum PacketFit
{
    /// <summary>A UDP datagram, or a message that the file says is CoAP.</summary>
    Datagram,

    /// <summary>IP, and not UDP; or something else than IP.</summary>
    NotUdp,

    /// <summary>An exported PDU of another protocol.</summary>
    NotCoap,

    /// <summary>A part of a datagram. They are not put together.</summary>
    Fragment,

    /// <summary>Not as long as it says: cut off by whoever captured, or broken.</summary>
    Malformed,

    /// <summary>A link type that is not known here.</summary>
    UnknownLink,
}
