using Ingress.Sockets;

namespace Ingress.Security;

/// <summary>What peers have proven: the DTLS listeners, or a test that plays them.</summary>
interface IProofs
{
    /// <summary>Null where there is no session (any more), or nothing to be proven.</summary>
    Credential? Of(in Peer peer);
}
