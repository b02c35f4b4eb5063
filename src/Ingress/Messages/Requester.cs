using Ingress.Sockets;
using Protocol.Coap;
using Protocol.Coap.Blockwise;

namespace Ingress.Messages;

/// <summary>All that is needed to answer a message later.</summary>
readonly record struct Requester(MessageKey<Peer> Key, CoapType Type, CoapToken Token)
{
    public Peer Peer => Key.Peer;

    /// <summary>Of a request: when it came, Unix time in ms.</summary>
    public long ReceivedMs { get; init; }

    /// <summary>Of a request: what it says of blocks, which its answer takes up.</summary>
    public RequestBlocks Blocks { get; init; }

    public static Requester Of(in Peer peer, in CoapFrame frame, Clock clock) =>
        new(new MessageKey<Peer>(peer, frame.MessageId, MessageDigest.Of(frame.Datagram)), frame.Type, new CoapToken(frame.Token))
        {
            ReceivedMs = frame.Code.IsRequest ? clock.UnixMilliseconds : 0,
            Blocks = frame.Code.IsRequest ? RequestBlocks.Of(frame) : default,
        };
}
