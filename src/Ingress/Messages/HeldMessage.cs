using Ingress.Access;

namespace Ingress.Messages;

/// <summary>A message that is kept, because its turn comes later or it may have to be decided again.</summary>
/// <param name="Verdict">Of a Register that was asked about.</param>
sealed record HeldMessage(Requester Requester, byte[] Datagram, Verdict? Verdict = null);
