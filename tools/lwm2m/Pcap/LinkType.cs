namespace Tools.Pcap;

/// <summary>What the frames of a capture file begin with, by the numbers of the registry of the tcpdump group.</summary>
static class LinkType
{
    public const int Loopback = 0;
    public const int Ethernet = 1;
    public const int RawBsd = 12;
    public const int RawOpenBsd = 14;
    public const int RawIp = 101;
    public const int LoopbackOpenBsd = 108;
    public const int LinuxCooked = 113;
    public const int IPv4 = 228;
    public const int IPv6 = 229;

    /// <summary>Frames that name the protocol, addresses and ports in tags: what Wireshark calls an exported PDU.</summary>
    public const int ExportedPdu = 252;

    public const int LinuxCooked2 = 276;
}
