using Ingress.Sockets;

namespace Ingress.Forwarding;

/// <summary>
/// The way to a device over DTLS: its address, and which replica hears it there. Through a NAT only that one can answer.
/// </summary>
/// <param name="Peer">Where the device is.</param>
/// <param name="Receiver">Slot of the replica; <see cref="Here"/>: this one.</param>
readonly record struct Route(Peer Peer, int Receiver)
{
    public const int Here = -1;

    public bool IsDirect => Receiver == Here;

    public static Route Direct(in Peer peer) => new(peer, Here);
}
