namespace Protocol.Lwm2m.Cbor;

/// <summary>
/// The head of a CBOR data item (RFC 8949 section 3). The argument is the number itself, a length in bytes, a count of items or of pairs, a
/// tag, or the bits of a float; what it is says <see cref="Major"/>, and for floats <see cref="Info"/>.
/// </summary>
readonly record struct CborHead(CborMajor Major, byte Info, ulong Argument)
{
    /// <summary>No length is given; a break byte ends the item.</summary>
    internal bool IsIndefinite => Info == 31;
}
