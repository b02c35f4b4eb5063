using System.Buffers.Binary;
using System.Net;

namespace Tools.Pcap;

/// <summary>From a frame of a capture file to the UDP datagram in it. Takes any bytes.</summary>
static class PacketReader
{
    const ushort EtherIPv4 = 0x0800;
    const ushort EtherIPv6 = 0x86DD;
    const int MostTags = 2;
    const int MostExtensions = 8;
    const byte HopByHop = 0;
    const byte Udp = 17;
    const byte Routing = 43;
    const byte FragmentHeader = 44;
    const byte DestinationOptions = 60;

    public static PacketFit Read(int linkType, ReadOnlyMemory<byte> frame, out UdpDatagram datagram)
    {
        datagram = default;
        switch (linkType)
        {
            case LinkType.Ethernet:
                return ReadEthernet(frame, out datagram);
            case LinkType.LinuxCooked:
                return ReadTyped(frame, 14, 16, out datagram);
            case LinkType.LinuxCooked2:
                return ReadTyped(frame, 0, 20, out datagram);
            case LinkType.Loopback or LinkType.LoopbackOpenBsd:
                return frame.Length < 4 ? PacketFit.Malformed : ReadIp(frame[4..], out datagram);
            case LinkType.RawIp or LinkType.RawBsd or LinkType.RawOpenBsd or LinkType.IPv4 or LinkType.IPv6:
                return ReadIp(frame, out datagram);
            case LinkType.ExportedPdu:
                return ExportedPdu.Read(frame, out datagram);
            default:
                return PacketFit.UnknownLink;
        }
    }

    static PacketFit ReadEthernet(ReadOnlyMemory<byte> frame, out UdpDatagram datagram)
    {
        var at = 12;
        // IEEE 802.1Q, and tags within tags.
        for (var tags = 0; tags < MostTags && frame.Length >= at + 2 && BinaryPrimitives.ReadUInt16BigEndian(frame.Span[at..]) is 0x8100 or 0x88A8 or 0x9100; tags++)
            at += 4;
        return ReadTyped(frame, at, at + 2, out datagram);
    }

    static PacketFit ReadTyped(ReadOnlyMemory<byte> frame, int typeAt, int header, out UdpDatagram datagram)
    {
        datagram = default;
        if (frame.Length < header)
            return PacketFit.Malformed;
        return BinaryPrimitives.ReadUInt16BigEndian(frame.Span[typeAt..]) is EtherIPv4 or EtherIPv6 ? ReadIp(frame[header..], out datagram) : PacketFit.NotUdp;
    }

    static PacketFit ReadIp(ReadOnlyMemory<byte> packet, out UdpDatagram datagram)
    {
        datagram = default;
        return packet.IsEmpty ? PacketFit.Malformed : (packet.Span[0] >> 4) switch
        {
            4 => ReadIPv4(packet, out datagram),
            6 => ReadIPv6(packet, out datagram),
            _ => PacketFit.NotUdp,
        };
    }

    static PacketFit ReadIPv4(ReadOnlyMemory<byte> packet, out UdpDatagram datagram)
    {
        datagram = default;
        var bytes = packet.Span;
        var header = (bytes[0] & 0xF) * 4;
        if (header < 20 || bytes.Length < header)
            return PacketFit.Malformed;
        int total = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        if (bytes[9] != Udp)
            return PacketFit.NotUdp;
        // More fragments, or not the first one.
        if ((BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) & 0x3FFF) != 0)
            return PacketFit.Fragment;
        if (total < header || total > bytes.Length)
            return PacketFit.Malformed;
        return ReadUdp(new IPAddress(bytes[12..16]), new IPAddress(bytes[16..20]), packet[header..total], out datagram);
    }

    static PacketFit ReadIPv6(ReadOnlyMemory<byte> packet, out UdpDatagram datagram)
    {
        datagram = default;
        var bytes = packet.Span;
        if (bytes.Length < 40)
            return PacketFit.Malformed;
        var end = 40 + BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        if (end > bytes.Length)
            return PacketFit.Malformed;
        var next = bytes[6];
        var at = 40;
        for (var extensions = 0; extensions < MostExtensions && next is HopByHop or Routing or DestinationOptions or FragmentHeader; extensions++)
        {
            if (end - at < 8)
                return PacketFit.Malformed;
            // A fragment that is the whole is none (RFC 6946).
            if (next == FragmentHeader && (BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]) & 0xFFF9) != 0)
                return PacketFit.Fragment;
            var length = next == FragmentHeader ? 8 : (bytes[at + 1] + 1) * 8;
            next = bytes[at];
            at += length;
            if (at > end)
                return PacketFit.Malformed;
        }

        return next == Udp ? ReadUdp(new IPAddress(bytes[8..24]), new IPAddress(bytes[24..40]), packet[at..end], out datagram) : PacketFit.NotUdp;
    }

    static PacketFit ReadUdp(IPAddress source, IPAddress destination, ReadOnlyMemory<byte> udp, out UdpDatagram datagram)
    {
        datagram = default;
        if (udp.Length < 8)
            return PacketFit.Malformed;
        int length = BinaryPrimitives.ReadUInt16BigEndian(udp.Span[4..]);
        if (length < 8 || length > udp.Length)
            return PacketFit.Malformed;
        datagram = new UdpDatagram(
            new IPEndPoint(source, BinaryPrimitives.ReadUInt16BigEndian(udp.Span)), new IPEndPoint(destination, BinaryPrimitives.ReadUInt16BigEndian(udp.Span[2..])), udp[8..length]);
        return PacketFit.Datagram;
    }
}
