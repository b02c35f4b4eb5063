using Ingress.Sockets;

namespace Ingress.Security;

/// <summary>Where there are no DTLS listeners.</summary>
sealed class NothingProven : IProofs
{
    public static readonly NothingProven Instance = new();

    public Credential? Of(in Peer peer) => null;
}
