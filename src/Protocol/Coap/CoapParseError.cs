namespace Protocol.Coap;

/// <summary>
/// Why a datagram is not a CoAP message. What to do about it says <see cref="CoapFrame.RejectWithReset"/>.
/// </summary>
public enum CoapParseError : byte
{
    None,

    /// <summary>Less than the four bytes of a header: ignored.</summary>
    TooShort,

    /// <summary>A version other than 1: silently ignored (RFC 7252 section 3).</summary>
    UnknownVersion,

    /// <summary>Token length 9-15.</summary>
    ReservedTokenLength,

    /// <summary>Code class 1, 3, 6 or 7.</summary>
    ReservedCodeClass,

    /// <summary>A combination that RFC 7252 section 4.3, table 1, excludes: empty NON, ACK with a request, RST that is not empty.</summary>
    CodeNotForType,

    /// <summary>An empty message (0.00) with token, options or payload.</summary>
    EmptyWithContent,

    TruncatedToken,

    /// <summary>Option delta or length 15 without being the payload marker.</summary>
    ReservedOptionHeader,

    TruncatedOption,

    /// <summary>The deltas add up to more than 65535.</summary>
    OptionNumberOverflow,

    /// <summary>More than <see cref="CoapFrame.MaxOptions"/>.</summary>
    TooManyOptions,

    /// <summary>A payload marker with nothing behind it.</summary>
    EmptyPayload,
}
