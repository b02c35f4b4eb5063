using Ingress.Registrations;
using Ingress.Sockets;

namespace Ingress.Security;

/// <summary>Whether a peer may speak for an endpoint. Without DTLS everybody may speak for those that never have proven anything.</summary>
static class Entitlement
{
    public const string Refusal = "the identity that was proven is not that of the endpoint";

    public static bool MaySpeakFor(this Node node, in Peer peer, string endpoint, Session? known)
    {
        if (peer.Proof != 0)
            return node.Proofs.Of(peer) is { } credential && credential.Endpoints.Allows(endpoint);
        // Who can neither read nor change what such a device says is not to take its place either.
        return known is not { IsLive: true } || known.Peer.Proof == 0;
    }
}
