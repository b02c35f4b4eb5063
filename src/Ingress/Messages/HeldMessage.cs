namespace Ingress.Messages;

/// <summary>A message that is kept, because its turn comes later or it may have to be decided again.</summary>
sealed record HeldMessage(Requester Requester, byte[] Datagram);
