namespace Protocol.Lwm2m.Cbor;

/// <summary>How many items (of a map: pairs) of a container are still to come; one of indefinite length does not know.</summary>
struct CborCount(CborHead head)
{
    internal readonly bool IsIndefinite = head.IsIndefinite;
    internal ulong Left = head.IsIndefinite ? 0 : head.Argument;

    /// <summary>Room to set aside: what the head has promised, but never more than is reasonable.</summary>
    internal readonly int Expected => (int)Math.Min(Left, 4096);
}
