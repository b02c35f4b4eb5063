namespace Protocol.Coap;

/// <summary>
/// Lengths and repeatability of the options we know (RFC 7252 table 4, RFC 7641, 7959, 7967, 8768, 9175). Options that are not
/// listed have any length and may be repeated.
/// </summary>
static class OptionFormat
{
    public static bool AllowsLength(ushort number, int length) => number switch
    {
        CoapOptionNumber.UriPath or CoapOptionNumber.UriQuery
            or CoapOptionNumber.LocationPath or CoapOptionNumber.LocationQuery or CoapOptionNumber.Oscore => length <= 255,
        CoapOptionNumber.ContentFormat or CoapOptionNumber.Accept or CoapOptionNumber.UriPort => length <= 2,
        CoapOptionNumber.Observe or CoapOptionNumber.Block1 or CoapOptionNumber.Block2
            or CoapOptionNumber.QBlock1 or CoapOptionNumber.QBlock2 => length <= 3,
        CoapOptionNumber.MaxAge or CoapOptionNumber.Size1 or CoapOptionNumber.Size2 => length <= 4,
        CoapOptionNumber.IfMatch or CoapOptionNumber.RequestTag => length <= 8,
        CoapOptionNumber.ETag => length is >= 1 and <= 8,
        CoapOptionNumber.IfNoneMatch => length == 0,
        CoapOptionNumber.NoResponse => length <= 1,
        CoapOptionNumber.HopLimit => length == 1,
        CoapOptionNumber.UriHost or CoapOptionNumber.ProxyScheme => length is >= 1 and <= 255,
        CoapOptionNumber.ProxyUri => length is >= 1 and <= 1034,
        CoapOptionNumber.Echo => length is >= 1 and <= 40,
        _ => true,
    };

    public static bool IsRepeatable(ushort number) => number switch
    {
        CoapOptionNumber.UriHost or CoapOptionNumber.UriPort or CoapOptionNumber.IfNoneMatch or CoapOptionNumber.Observe
            or CoapOptionNumber.Oscore or CoapOptionNumber.ContentFormat or CoapOptionNumber.MaxAge or CoapOptionNumber.HopLimit
            or CoapOptionNumber.Accept or CoapOptionNumber.QBlock1 or CoapOptionNumber.Block1 or CoapOptionNumber.Block2
            or CoapOptionNumber.Size1 or CoapOptionNumber.Size2 or CoapOptionNumber.ProxyUri or CoapOptionNumber.ProxyScheme
            or CoapOptionNumber.Echo or CoapOptionNumber.NoResponse => false,
        _ => true,
    };
}
