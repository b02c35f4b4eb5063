using System.Net;
using Pipeline.Tests.Tools;
using Tools.Pcap;

namespace Pipeline.Tests.Fuzz;

public sealed class PcapFuzzTests
{
    static readonly IPEndPoint Device = IPEndPoint.Parse("192.0.2.1:50000");
    static readonly IPEndPoint Device6 = IPEndPoint.Parse("[2001:db8::1]:50000");
    static readonly byte[] Message = [0x40, 0x00, 0x12, 0x34];

    /// <summary>Whatever a file holds, it ends, and its frames are no longer than the file.</summary>
    [Fact]
    public void Files_TakeAnyBytes() => Assert.True(FuzzLoop.Run(
        input =>
        {
            using var stream = new MemoryStream(input.ToArray());
            if (FrameReader.Open(stream, out _) is not { } reader)
                return;
            while (reader.TryRead(out var frame))
            {
                if (frame.Bytes.Length > input.Length || reader.Count > input.Length)
                    throw new InvalidOperationException($"{frame.Bytes.Length} bytes, {reader.Count} frames of {input.Length} bytes");
                PacketReader.Read(frame.LinkType, frame.Bytes, out _);
            }
        },
        Classic(LinkType.RawIp), Classic(LinkType.ExportedPdu), Blocks()) > 0);

    /// <summary>Whatever a frame holds, a datagram is a part of it.</summary>
    [Fact]
    public void Packets_TakeAnyBytes() => Assert.True(FuzzLoop.Run(
        input =>
        {
            var frame = input.ToArray();
            foreach (var linkType in new[]
            {
                LinkType.Ethernet, LinkType.RawIp, LinkType.LinuxCooked, LinkType.LinuxCooked2, LinkType.Loopback, LinkType.ExportedPdu, LinkType.IPv6, 9999,
            })
            {
                if (PacketReader.Read(linkType, frame, out var datagram) == PacketFit.Datagram && datagram.Payload.Length > frame.Length)
                    throw new InvalidOperationException($"{datagram.Payload.Length} bytes of {frame.Length}");
            }
        },
        RawPacket.Write(Device, Device, Message), RawPacket.Write(Device6, Device6, Message), ExportedPdu.Write(Device, Device6, Message),
        [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x81, 0, 0, 0x64, 8, 0, .. RawPacket.Write(Device, Device, Message)]) > 0);

    static byte[] Classic(int linkType)
    {
        using var file = new MemoryStream();
        var writer = new PcapWriter(file, linkType);
        writer.Write(1_700_000_000_000_000_000, linkType == LinkType.ExportedPdu ? ExportedPdu.Write(Device, Device6, Message) : RawPacket.Write(Device, Device, Message));
        writer.Write(1_700_000_000_000_000_001, linkType == LinkType.ExportedPdu ? ExportedPdu.Write(Device, Device, Message) : RawPacket.Write(Device6, Device6, Message));
        return file.ToArray();
    }

    static byte[] Blocks() =>
    [
        .. Pcapng.Section, .. Pcapng.Interface(LinkType.RawIp, 9, 9), .. Pcapng.Packet(0, 1, RawPacket.Write(Device, Device, Message)), .. Pcapng.Block(5, new byte[8]),
        .. Pcapng.Packet(0, 2, RawPacket.Write(Device6, Device6, Message)),
    ];
}
