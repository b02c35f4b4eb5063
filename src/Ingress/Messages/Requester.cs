using Ingress.Sockets;
using Protocol.Coap;

namespace Ingress.Messages;

/// <summary>All that is needed to answer a message later.</summary>
readonly record struct Requester(MessageKey<Peer> Key, CoapType Type, CoapToken Token)
{
    public Peer Peer => Key.Peer;

    public static Requester Of(in Peer peer, in CoapFrame frame) =>
        new(new MessageKey<Peer>(peer, frame.MessageId, MessageDigest.Of(frame.Datagram)), frame.Type, new CoapToken(frame.Token));
}
