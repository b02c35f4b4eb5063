namespace Protocol.Dtls;

/// <summary>Whether there is a key for a peer cannot be found out now: the peer hears internal_error (RFC 5246 section 7.2.2), and may come again.</summary>
public sealed class KeysUnreachableException() : Exception("the keys of peers cannot be had");
