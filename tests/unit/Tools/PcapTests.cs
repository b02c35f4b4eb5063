using System.Buffers.Binary;
using System.Net;
using Tools.Pcap;

namespace Pipeline.Tests.Tools;

/// <summary>Capture files: what is written reads back, and what others write is understood.</summary>
public sealed class PcapTests
{
    static readonly IPEndPoint Device = IPEndPoint.Parse("192.0.2.1:50000");
    static readonly IPEndPoint Gateway = IPEndPoint.Parse("198.51.100.9:5683");
    static readonly IPEndPoint Device6 = IPEndPoint.Parse("[2001:db8::1]:50000");
    static readonly IPEndPoint Gateway6 = IPEndPoint.Parse("[2001:db8::9]:5783");
    static readonly byte[] Ping = [0x40, 0x00, 0x12, 0x34];

    // Checksums as tshark finds them right.
    [Fact]
    public void A_packet_has_the_headers_of_ip_and_udp() => Assert.Equal(
        "45000020000040004011" + "4e8f" + "c0000201c6336409" + "c3501633000c" + "e7df" + "40001234",
        Convert.ToHexStringLower(RawPacket.Write(Device, Gateway, Ping)));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(1280)]
    public void Checksums_make_the_sums_of_headers_and_datagram_whole(int length)
    {
        var payload = new byte[length];
        new Random(length).NextBytes(payload);
        var packet = RawPacket.Write(Device, Gateway, payload);
        Assert.Equal(0xFFFF, Sum(packet[..20]));
        var pseudo = packet[12..20].Concat(new byte[] { 0, 17, 0, 0 }).ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(pseudo.AsSpan(10), (ushort)(8 + length));
        Assert.Equal(0xFFFF, Sum([.. pseudo, .. packet[20..]]));

        var packet6 = RawPacket.Write(Device6, Gateway6, payload);
        byte[] pseudo6 = [.. packet6[8..40], 0, 0, (byte)((8 + length) >> 8), (byte)(8 + length), 0, 0, 0, 17];
        Assert.Equal(0xFFFF, Sum([.. pseudo6, .. packet6[40..]]));
    }

    [Fact]
    public void What_no_packet_holds_is_none()
    {
        Assert.Empty(RawPacket.Write(Device, Gateway, new byte[65_508]));
        Assert.Equal(65_535, RawPacket.Write(Device, Gateway, new byte[65_507]).Length);
        Assert.Equal(40 + 65_535, RawPacket.Write(Device6, Gateway6, new byte[65_527]).Length);
    }

    [Theory]
    [InlineData(LinkType.RawIp)]
    [InlineData(LinkType.ExportedPdu)]
    public void What_is_written_reads_back(int linkType)
    {
        using var file = new MemoryStream();
        var writer = new PcapWriter(file, linkType);
        foreach (var (from, to, ns) in new[] { (Device, Gateway, 1_700_000_000_123_456_789ul), (Gateway6, Device6, 1_700_000_001_000_000_000ul) })
            writer.Write(ns, linkType == LinkType.ExportedPdu ? ExportedPdu.Write(from, to, Ping) : RawPacket.Write(from, to, Ping));
        var (found, error) = Read(file.ToArray());
        Assert.Null(error);
        Assert.Equal(
            [$"1700000000123456789 {Device} {Gateway} 40001234", $"1700000001000000000 {Gateway6} {Device6} 40001234"], found);
    }

    [Fact]
    public void Classic_files_in_microseconds_and_either_byte_order()
    {
        var packet = RawPacket.Write(Device, Gateway, Ping);
        byte[] little = [.. Hex("d4c3b2a1 0200 0400 00000000 00000000 00000400 65000000 00f15365 15cd5b07"), .. Lengths(packet.Length), .. packet];
        BinaryPrimitives.WriteUInt32LittleEndian(little.AsSpan(28), 123_456);
        Assert.Equal([$"1700000000123456000 {Device} {Gateway} 40001234"], Read(little).Found);
        byte[] big = [.. Hex("a1b2c3d4 0002 0004 00000000 00000000 00040000 00000065 6553f100 0001e240 00000020 00000020"), .. packet];
        Assert.Equal([$"1700000000123456000 {Device} {Gateway} 40001234"], Read(big).Found);

        static byte[] Lengths(int length) => [(byte)length, 0, 0, 0, (byte)length, 0, 0, 0];
    }

    [Theory]
    [InlineData(LinkType.Ethernet, "020000000001 020000000002 0800")]
    [InlineData(LinkType.Ethernet, "020000000001 020000000002 8100 0064 0800")]
    [InlineData(LinkType.Ethernet, "020000000001 020000000002 88a8 0064 8100 0065 0800")]
    [InlineData(LinkType.LinuxCooked, "0000 0001 0006 020000000001 0000 0800")]
    [InlineData(LinkType.LinuxCooked2, "0800 0000 00000002 0001 00 06 0200000000010000")]
    [InlineData(LinkType.Loopback, "02000000")]
    [InlineData(LinkType.RawIp, "")]
    public void What_stands_before_ip_is_passed_over_and_what_fills_the_frame_behind_it(int linkType, string header)
    {
        byte[] frame = [.. Hex(header), .. RawPacket.Write(Device, Gateway, Ping), 0, 0];
        Assert.Equal(PacketFit.Datagram, PacketReader.Read(linkType, frame, out var datagram));
        Assert.Equal((Device, Gateway, "40001234"), (datagram.Source, datagram.Destination, Convert.ToHexStringLower(datagram.Payload.Span)));
    }

    [Fact]
    public void Extension_headers_of_ipv6_are_passed_over()
    {
        var plain = RawPacket.Write(Device6, Gateway6, Ping);
        byte[] extended = [.. plain[..40], .. Hex("3c00010400000000"), .. Hex("1100010400000000"), .. plain[40..]];
        extended[6] = 0;
        extended[5] += 16;
        Assert.Equal(PacketFit.Datagram, PacketReader.Read(LinkType.RawIp, extended, out var datagram));
        Assert.Equal(Device6, datagram.Source);
    }

    [Fact]
    public void What_is_no_whole_datagram_is_told_as_what_it_is()
    {
        var fragment = RawPacket.Write(Device, Gateway, Ping);
        fragment[6] = 0x20;
        Assert.Equal(PacketFit.Fragment, Fit(LinkType.RawIp, fragment));
        var plain = RawPacket.Write(Device6, Gateway6, Ping);
        byte[] fragment6 = [.. plain[..40], .. Hex("1100000100000001"), .. plain[40..]];
        (fragment6[6], fragment6[5]) = (44, (byte)(fragment6[5] + 8));
        Assert.Equal(PacketFit.Fragment, Fit(LinkType.RawIp, fragment6));
        fragment6[43] = 0;
        Assert.Equal(PacketFit.Datagram, Fit(LinkType.RawIp, fragment6));

        var tcp = RawPacket.Write(Device, Gateway, Ping);
        tcp[9] = 6;
        Assert.Equal(PacketFit.NotUdp, Fit(LinkType.RawIp, tcp));
        Assert.Equal(PacketFit.NotUdp, Fit(LinkType.Ethernet, Hex("020000000001 020000000002 0806 0001")));
        Assert.Equal(PacketFit.UnknownLink, Fit(147, Ping));
        Assert.Equal(PacketFit.Malformed, Fit(LinkType.RawIp, RawPacket.Write(Device, Gateway, Ping)[..^1]));
        Assert.Equal(PacketFit.NotCoap, Fit(LinkType.ExportedPdu, [0, 12, 0, 4, (byte)'h', (byte)'t', (byte)'t', (byte)'p', 0, 0, 0, 0]));

        static PacketFit Fit(int linkType, byte[] frame) => PacketReader.Read(linkType, frame, out _);
    }

    [Fact]
    public void Blocks_of_pcapng_with_their_interfaces_and_resolutions()
    {
        var packet = RawPacket.Write(Device, Gateway, Ping);
        byte[] file =
        [
            .. Pcapng.Section, .. Pcapng.Interface(LinkType.RawIp), .. Pcapng.Interface(LinkType.RawIp, 9, 9), .. Pcapng.Block(5, new byte[60_000]),
            .. Pcapng.Packet(0, 1_700_000_000_123_456, packet), .. Pcapng.Packet(1, 1_700_000_000_123_456_789, packet), .. Pcapng.Block(3, [.. Pcapng.Number(packet.Length), .. packet]),
            .. Pcapng.Section, .. Pcapng.Interface(LinkType.RawIp, 9, 0x80 | 20), .. Pcapng.Packet(0, 1_700_000_000ul << 20, packet),
        ];
        var (found, error) = Read(file);
        Assert.Null(error);
        Assert.Equal(["1700000000123456000", "1700000000123456789", "1700000000123456789", "1700000000000000000"], found.Select(line => line.Split(' ')[0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("7b226a736f6e223a317d")]
    public void What_is_no_capture_file_is_refused(string hex)
    {
        using var stream = new MemoryStream(Convert.FromHexString(hex));
        Assert.Null(FrameReader.Open(stream, out var error));
        Assert.Equal("it is neither pcap nor pcapng", error);
    }

    [Fact]
    public void A_file_that_breaks_off_gives_what_it_has_and_says_so()
    {
        using var file = new MemoryStream();
        var writer = new PcapWriter(file, LinkType.RawIp);
        writer.Write(1, RawPacket.Write(Device, Gateway, Ping));
        writer.Write(2, RawPacket.Write(Device, Gateway, Ping));
        var (found, error) = Read(file.ToArray()[..^5]);
        Assert.Single(found);
        Assert.Equal("the file ends in the middle of something (after 1 frames)", error);
    }

    [Fact]
    public void A_length_that_cannot_be_ends_it_before_memory_is_taken()
    {
        using var file = new MemoryStream();
        _ = new PcapWriter(file, LinkType.RawIp);
        Assert.Contains("4294967295 bytes", Read([.. file.ToArray(), .. Hex("00000000 00000000 ffffffff ffffffff")]).Error, StringComparison.Ordinal);
        Assert.Contains("4294967272 bytes", Read([.. Pcapng.Section, .. Hex("06000000 f4ffffff")]).Error, StringComparison.Ordinal);
        Assert.Contains("which is not described", Read([.. Pcapng.Section, .. Pcapng.Packet(0, 1, Ping)]).Error, StringComparison.Ordinal);
    }

    internal static (List<string> Found, string? Error) Read(byte[] file)
    {
        using var stream = new MemoryStream(file);
        var found = new List<string>();
        if (FrameReader.Open(stream, out var error) is not { } reader)
            return (found, error);
        while (reader.TryRead(out var frame))
        {
            if (PacketReader.Read(frame.LinkType, frame.Bytes, out var datagram) == PacketFit.Datagram)
                found.Add($"{frame.Ns} {datagram.Source} {datagram.Destination} {Convert.ToHexStringLower(datagram.Payload.Span)}");
        }

        return (found, reader.Error);
    }

    static int Sum(byte[] bytes)
    {
        var sum = 0;
        for (var i = 0; i < bytes.Length; i++)
            sum += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
        while (sum > 0xFFFF)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return sum;
    }

    static byte[] Hex(string digits) => Convert.FromHexString(digits.Replace(" ", "", StringComparison.Ordinal));
}
