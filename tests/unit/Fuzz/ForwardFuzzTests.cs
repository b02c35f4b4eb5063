using System.Net;
using Ingress.Forwarding;
using Ingress.Sockets;
using Pipeline.Tests.Ingress.Security;

namespace Pipeline.Tests.Fuzz;

public sealed class ForwardFuzzTests
{
    static readonly ForwardKey Key = new("k");

    static readonly Peer Device = Peer.From(new IPEndPoint(IPAddress.Loopback, 5000), 0);

    static readonly byte[][] Corpus =
    [
        ForwardFrameTests.Frame("k", ForwardKind.Uplink, 1, 2, Device, "dtls:default", [25, 254, 253, 0, 1]),
        ForwardFrameTests.Frame("k", ForwardKind.Answer, 1, 2, Device, "d", [23, 254, 253, 0, 1]),
    ];

    /// <summary>Nothing is thrown, and what was not made with the key is never taken for it.</summary>
    [Fact]
    public void Frame_OfStrangers() => FuzzLoop.Run(
        input =>
        {
            var bytes = input.ToArray();
            if (ForwardFrame.TryRead(Key, input, out _) is null && !Corpus.Any(known => known.AsSpan().SequenceEqual(bytes)))
                throw new InvalidOperationException("taken");
        },
        Corpus);

    /// <summary>A replica that makes them wrongly does no harm: what is taken can be looked at, and written the same again.</summary>
    [Fact]
    public void Frame_OfOneThatHasTheKey() => FuzzLoop.Run(
        input =>
        {
            if (input.Length < ForwardKey.MacLength)
                return;
            var bytes = input.ToArray();
            Key.Authenticate(bytes.AsSpan(0, bytes.Length - ForwardKey.MacLength), bytes.AsSpan(bytes.Length - ForwardKey.MacLength));
            if (ForwardFrame.TryRead(Key, bytes, out var frame) is not null)
                return;
            var again = new byte[ForwardFrame.LengthOf(frame.Listener, frame.Datagram)];
            ForwardFrame.Write(again, Key, frame.Kind, frame.From, frame.To, frame.Device(0), frame.Listener, frame.Datagram);
            Assert.Equal(bytes, again);
        },
        Corpus);
}
