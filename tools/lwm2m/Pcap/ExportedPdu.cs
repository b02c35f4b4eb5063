using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tools.Pcap;

/// <summary>
/// Frames of link type 252: tags that name the dissector, addresses and ports, and then the bare message. Tags are 16 bits of number and of length, big
/// endian, and a value that is filled up to a multiple of four.
/// </summary>
static class ExportedPdu
{
    const string Coap = "coap";
    const int TagHeader = 4;
    const uint PortTypeUdp = 3;

    enum Tag : ushort
    {
        End = 0,
        Dissector = 12,
        IPv4Source = 20,
        IPv4Destination = 21,
        IPv6Source = 22,
        IPv6Destination = 23,
        PortType = 24,
        SourcePort = 25,
        DestinationPort = 26,
    }

    public static byte[] Write(IPEndPoint source, IPEndPoint destination, ReadOnlySpan<byte> message)
    {
        using var frame = new MemoryStream(64 + message.Length);
        Put(frame, Tag.Dissector, "coap"u8);
        Put(frame, source.AddressFamily == AddressFamily.InterNetwork ? Tag.IPv4Source : Tag.IPv6Source, source.Address.GetAddressBytes());
        Put(frame, destination.AddressFamily == AddressFamily.InterNetwork ? Tag.IPv4Destination : Tag.IPv6Destination, destination.Address.GetAddressBytes());
        Put(frame, Tag.PortType, PortTypeUdp);
        Put(frame, Tag.SourcePort, (uint)source.Port);
        Put(frame, Tag.DestinationPort, (uint)destination.Port);
        Put(frame, Tag.End, []);
        frame.Write(message);
        return frame.ToArray();
    }

    /// <summary>Reads one; anything but <see cref="PacketFit.Datagram"/> says why it is none that can be used.</summary>
    public static PacketFit Read(ReadOnlyMemory<byte> frame, out UdpDatagram datagram)
    {
        datagram = default;
        IPAddress? source = null, destination = null;
        uint sourcePort = 0, destinationPort = 0;
        var isCoap = false;
        for (var rest = frame; rest.Length >= TagHeader;)
        {
            var tag = (Tag)BinaryPrimitives.ReadUInt16BigEndian(rest.Span);
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest.Span[2..]);
            rest = rest[TagHeader..];
            if (tag == Tag.End)
            {
                if (!isCoap)
                    return PacketFit.NotCoap;
                if (source is null || destination is null || sourcePort > ushort.MaxValue || destinationPort > ushort.MaxValue)
                    return PacketFit.Malformed;
                datagram = new UdpDatagram(new IPEndPoint(source, (int)sourcePort), new IPEndPoint(destination, (int)destinationPort), rest);
                return PacketFit.Datagram;
            }

            if (length > rest.Length)
                return PacketFit.Malformed;
            var value = rest.Span[..length];
            rest = rest[length..];
            switch (tag)
            {
                case Tag.Dissector:
                    isCoap = Encoding.ASCII.GetString(value).TrimEnd('\0') == Coap;
                    break;
                case Tag.IPv4Source or Tag.IPv6Source when length is 4 or 16:
                    source = new IPAddress(value);
                    break;
                case Tag.IPv4Destination or Tag.IPv6Destination when length is 4 or 16:
                    destination = new IPAddress(value);
                    break;
                case Tag.SourcePort when length == 4:
                    sourcePort = BinaryPrimitives.ReadUInt32BigEndian(value);
                    break;
                case Tag.DestinationPort when length == 4:
                    destinationPort = BinaryPrimitives.ReadUInt32BigEndian(value);
                    break;
            }
        }

        return PacketFit.Malformed;
    }

    static void Put(MemoryStream frame, Tag tag, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Put(frame, tag, bytes);
    }

    // All values here are multiples of four already.
    static void Put(MemoryStream frame, Tag tag, ReadOnlySpan<byte> value)
    {
        Span<byte> header = stackalloc byte[TagHeader];
        BinaryPrimitives.WriteUInt16BigEndian(header, (ushort)tag);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)value.Length);
        frame.Write(header);
        frame.Write(value);
    }
}
