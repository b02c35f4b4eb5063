using Ingress.Access;

namespace Ingress.Messages;

/// <summary>A message that is kept, because its turn comes later or it may have to be decided again.</summary>
/// <param name="Verdict">Of a Register that was asked about.</param>
/// <param name="Body">The whole body, where it came in blocks; the datagram is that of the last one.</param>
sealed record HeldMessage(Requester Requester, byte[] Datagram, Verdict? Verdict = null, byte[]? Body = null);
