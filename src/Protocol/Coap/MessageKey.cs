namespace Protocol.Coap;

/// <summary>
/// What tells a message from all others for its lifetime: who sent it, its message id, and the digest of its bytes
/// (<see cref="MessageDigest"/>), because a device that restarts on the same port begins its message ids anew.
/// </summary>
public readonly record struct MessageKey<TPeer>(TPeer Peer, ushort MessageId, ulong Digest)
    where TPeer : struct, IEquatable<TPeer>;
