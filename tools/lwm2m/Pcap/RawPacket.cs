using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Tools.Pcap;

/// <summary>A UDP datagram as it may have stood on the wire, from the IP header on (RFC 791, RFC 8200, RFC 768).</summary>
static class RawPacket
{
    const int Udp = 17;
    const int HopLimit = 64;
    const int IPv4Header = 20;
    const int IPv6Header = 40;
    const int UdpHeader = 8;

    /// <summary>Empty where the payload is longer than the lengths can say. Where one address is IPv6, both are written as such.</summary>
    public static byte[] Write(IPEndPoint source, IPEndPoint destination, ReadOnlySpan<byte> payload)
    {
        var isIPv4 = source.AddressFamily == AddressFamily.InterNetwork && destination.AddressFamily == AddressFamily.InterNetwork;
        var length = UdpHeader + payload.Length;
        if (length + (isIPv4 ? IPv4Header : 0) > ushort.MaxValue)
            return [];
        var packet = new byte[(isIPv4 ? IPv4Header : IPv6Header) + length];
        var addresses = isIPv4 ? WriteIPv4(packet, source.Address, destination.Address) : WriteIPv6(packet, source.Address, destination.Address);
        var udp = packet.AsSpan(packet.Length - length);
        BinaryPrimitives.WriteUInt16BigEndian(udp, (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[2..], (ushort)destination.Port);
        BinaryPrimitives.WriteUInt16BigEndian(udp[4..], (ushort)length);
        payload.CopyTo(udp[UdpHeader..]);
        // The pseudo header: addresses, length, protocol.
        var checksum = (ushort)~Fold(Sum(addresses) + (uint)length + Udp + Sum(udp));
        BinaryPrimitives.WriteUInt16BigEndian(udp[6..], checksum == 0 ? ushort.MaxValue : checksum);
        return packet;
    }

    static Span<byte> WriteIPv4(byte[] packet, IPAddress source, IPAddress destination)
    {
        var header = packet.AsSpan(0, IPv4Header);
        header[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)packet.Length);
        // Not to be fragmented: such a datagram needs no identification (RFC 6864).
        header[6] = 0x40;
        header[8] = HopLimit;
        header[9] = Udp;
        source.TryWriteBytes(header[12..], out _);
        destination.TryWriteBytes(header[16..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], (ushort)~Fold(Sum(header)));
        return header[12..];
    }

    static Span<byte> WriteIPv6(byte[] packet, IPAddress source, IPAddress destination)
    {
        var header = packet.AsSpan(0, IPv6Header);
        header[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)(packet.Length - IPv6Header));
        header[6] = Udp;
        header[7] = HopLimit;
        source.MapToIPv6().TryWriteBytes(header[8..], out _);
        destination.MapToIPv6().TryWriteBytes(header[24..], out _);
        return header[8..];
    }

    // Of words of 16 bits; an odd last byte is the upper half of one (RFC 1071).
    static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (; bytes.Length > 1; bytes = bytes[2..])
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return bytes.IsEmpty ? sum : sum + ((uint)bytes[0] << 8);
    }

    static ushort Fold(uint sum)
    {
        while (sum > ushort.MaxValue)
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)sum;
    }
}
