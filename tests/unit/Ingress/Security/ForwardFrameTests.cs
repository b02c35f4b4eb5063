using System.Net;
using System.Security.Cryptography;
using System.Text;
using Ingress.Forwarding;
using Ingress.Sockets;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>What replicas say to each other about datagrams of DTLS sessions.</summary>
public sealed class ForwardFrameTests
{
    // Of the secret "open sesame", by HMAC-SHA256 as RFC 2104 has it.
    static readonly byte[] Key = HMACSHA256.HashData("open sesame"u8, "lwm2m gateway: forward, version 1"u8);

    static readonly Peer Device = Peer.From(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 0xC001), 3);

    [Fact]
    public void Datagram_stands_in_it_as_documented()
    {
        var bytes = Frame("open sesame", ForwardKind.Uplink, 2, 0x0301, Device.With(77), "dtls:default", [25, 254, 253, 9]);
        var content = Convert.FromHexString("0101" + "0002" + "0301"
            + "00000000000000000000FFFFC0000207" + "00000000" + "C001" + "0C" + "64746C733A64656661756C74" + "19FEFD09");
        Assert.Equal(content, bytes[..^16]);
        Assert.Equal(HMACSHA256.HashData(Key, content)[..16], bytes[^16..]);

        Assert.Null(ForwardFrame.TryRead(new ForwardKey("open sesame"), bytes, out var frame));
        Assert.Equal((ForwardKind.Uplink, 2, 0x0301, Device), (frame.Kind, frame.From, frame.To, frame.Device(3)));
        Assert.Equal("dtls:default", Encoding.UTF8.GetString(frame.Listener));
        Assert.Equal([25, 254, 253, 9], frame.Datagram.ToArray());
    }

    [Fact]
    public void Whatever_was_written_is_read_again()
    {
        var random = new Random(8);
        for (var i = 0; i < 1000; i++)
        {
            var address = new byte[16];
            random.NextBytes(address);
            var device = Peer.From(new IPEndPoint(new IPAddress(address, random.Next()), random.Next(65536)), 5);
            var listener = new string('n', random.Next(1, 256));
            var datagram = new byte[random.Next(1, 3000)];
            random.NextBytes(datagram);
            var kind = random.Next(2) == 0 ? ForwardKind.Uplink : ForwardKind.Answer;
            if (kind == ForwardKind.Uplink)
                datagram[0] = 25;
            var (from, to) = (random.Next(4096), random.Next(4096));
            var bytes = Frame("k", kind, from, to, device, listener, datagram);
            Assert.Null(ForwardFrame.TryRead(new ForwardKey("k"), bytes, out var frame));
            Assert.Equal((kind, from, to, device), (frame.Kind, frame.From, frame.To, frame.Device(5)));
            Assert.Equal(listener, Encoding.UTF8.GetString(frame.Listener));
            Assert.Equal(datagram, frame.Datagram.ToArray());
        }
    }

    [Fact]
    public void Nobody_without_the_key_makes_or_changes_one()
    {
        var key = new ForwardKey("k");
        var bytes = Frame("k", ForwardKind.Answer, 1, 2, Device, "dtls:default", [23, 1, 2, 3]);
        Assert.Equal(ForwardDrop.BadMac, ForwardFrame.TryRead(new ForwardKey("another"), bytes, out _));
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var changed = bytes.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(ForwardDrop.BadMac, ForwardFrame.TryRead(key, changed, out _));
        }

        for (var length = 0; length < bytes.Length; length++)
            Assert.NotNull(ForwardFrame.TryRead(key, bytes.AsSpan(0, length), out _));
    }

    [Fact]
    public void What_may_not_be_handed_on_is_refused_whoever_made_it()
    {
        // Handshakes and what has no connection id.
        foreach (var type in new byte[] { 20, 21, 22, 23, 0 })
            Assert.Equal(ForwardDrop.Malformed, Read(Frame("k", ForwardKind.Uplink, 1, 2, Device, "dtls:default", [type, 254, 253])));
        Assert.Equal(ForwardDrop.Malformed, Read(Frame("k", (ForwardKind)3, 1, 2, Device, "dtls:default", [25])));
        Assert.Equal(ForwardDrop.Malformed, Read(Frame("k", ForwardKind.Uplink, 1, 2, Device, "", [25])));
        Assert.Equal(ForwardDrop.Malformed, Read(Frame("k", ForwardKind.Answer, 1, 2, Device, "dtls:default", [])));
        Assert.Equal(ForwardDrop.Malformed, Read(Signed(bytes => bytes[0] = 2)));
        Assert.Equal(ForwardDrop.Malformed, Read(Signed(bytes => bytes[28] = 200)));
        Assert.Null(Read(Signed(_ => { })));

        static ForwardDrop? Read(byte[] bytes) => ForwardFrame.TryRead(new ForwardKey("k"), bytes, out _);

        static byte[] Signed(Action<byte[]> change)
        {
            var bytes = Frame("k", ForwardKind.Uplink, 1, 2, Device, "dtls:default", [25, 1]);
            change(bytes);
            new ForwardKey("k").Authenticate(bytes.AsSpan(0, bytes.Length - 16), bytes.AsSpan(bytes.Length - 16));
            return bytes;
        }
    }

    internal static byte[] Frame(string secret, ForwardKind kind, int from, int to, Peer device, string listener, byte[] datagram)
    {
        var name = Encoding.UTF8.GetBytes(listener);
        var bytes = new byte[ForwardFrame.LengthOf(name, datagram)];
        ForwardFrame.Write(bytes, new ForwardKey(secret), kind, from, to, device, name, datagram);
        return bytes;
    }
}
