using System.Globalization;
using System.Text;
using Protocol.Coap;

namespace Tools.Decoding;

/// <summary>Names and values of CoAP options as text.</summary>
static class OptionText
{
    public static string NameOf(ushort number) => number switch
    {
        CoapOptionNumber.IfMatch => "If-Match",
        CoapOptionNumber.UriHost => "Uri-Host",
        CoapOptionNumber.ETag => "ETag",
        CoapOptionNumber.IfNoneMatch => "If-None-Match",
        CoapOptionNumber.Observe => "Observe",
        CoapOptionNumber.UriPort => "Uri-Port",
        CoapOptionNumber.LocationPath => "Location-Path",
        CoapOptionNumber.Oscore => "OSCORE",
        CoapOptionNumber.UriPath => "Uri-Path",
        CoapOptionNumber.ContentFormat => "Content-Format",
        CoapOptionNumber.MaxAge => "Max-Age",
        CoapOptionNumber.UriQuery => "Uri-Query",
        CoapOptionNumber.HopLimit => "Hop-Limit",
        CoapOptionNumber.Accept => "Accept",
        CoapOptionNumber.QBlock1 => "Q-Block1",
        CoapOptionNumber.LocationQuery => "Location-Query",
        CoapOptionNumber.Block2 => "Block2",
        CoapOptionNumber.Block1 => "Block1",
        CoapOptionNumber.Size2 => "Size2",
        CoapOptionNumber.QBlock2 => "Q-Block2",
        CoapOptionNumber.ProxyUri => "Proxy-Uri",
        CoapOptionNumber.ProxyScheme => "Proxy-Scheme",
        CoapOptionNumber.Size1 => "Size1",
        CoapOptionNumber.Echo => "Echo",
        CoapOptionNumber.NoResponse => "No-Response",
        CoapOptionNumber.RequestTag => "Request-Tag",
        _ => $"Option {number} ({(CoapOptionNumber.IsCritical(number) ? "critical" : "elective")})",
    };

    public static string ValueOf(CoapOption option) => option.Number switch
    {
        CoapOptionNumber.UriHost or CoapOptionNumber.LocationPath or CoapOptionNumber.UriPath or CoapOptionNumber.UriQuery
            or CoapOptionNumber.LocationQuery or CoapOptionNumber.ProxyUri or CoapOptionNumber.ProxyScheme => PlainText.Of(Encoding.UTF8.GetString(option.Value)),
        CoapOptionNumber.ContentFormat or CoapOptionNumber.Accept when TryUInt(option.Value, out var number) => FormatOf(number),
        CoapOptionNumber.Block1 or CoapOptionNumber.Block2 when TryUInt(option.Value, out var number) => BlockOf(new BlockOption(number)),
        CoapOptionNumber.Observe or CoapOptionNumber.UriPort or CoapOptionNumber.MaxAge or CoapOptionNumber.HopLimit
            or CoapOptionNumber.Size1 or CoapOptionNumber.Size2 or CoapOptionNumber.NoResponse when TryUInt(option.Value, out var number) =>
            number.ToString(CultureInfo.InvariantCulture),
        _ => option.Value.IsEmpty ? "(empty)" : "0x" + Convert.ToHexStringLower(option.Value),
    };

    public static string FormatOf(uint number) => number switch
    {
        ContentFormat.TextPlain => "text/plain (0)",
        ContentFormat.LinkFormat => "application/link-format (40)",
        ContentFormat.Xml => "application/xml (41)",
        ContentFormat.OctetStream => "application/octet-stream (42)",
        ContentFormat.Json => "application/json (50)",
        ContentFormat.Cbor => "application/cbor (60)",
        ContentFormat.SenmlJson => "application/senml+json (110)",
        ContentFormat.SenmlCbor => "application/senml+cbor (112)",
        ContentFormat.SenmlEtchJson => "application/senml-etch+json (320)",
        ContentFormat.SenmlEtchCbor => "application/senml-etch+cbor (322)",
        ContentFormat.Lwm2mTlv => "application/vnd.oma.lwm2m+tlv (11542)",
        ContentFormat.Lwm2mJson => "application/vnd.oma.lwm2m+json (11543)",
        ContentFormat.Lwm2mCbor => "application/vnd.oma.lwm2m+cbor (11544)",
        ContentFormat.DraftTlv => "TLV of LwM2M drafts (1542)",
        ContentFormat.DraftJson => "JSON of LwM2M drafts (1543)",
        _ => $"content format {number}",
    };

    static string BlockOf(BlockOption block) =>
        block.IsValid ? $"number {block.Number}, {(block.More ? "more follow" : "last")}, {block.Size} bytes" : "reserved block size";

    static bool TryUInt(ReadOnlySpan<byte> bytes, out uint number)
    {
        number = 0;
        if (bytes.Length > sizeof(uint))
            return false;
        foreach (var part in bytes)
            number = number << 8 | part;
        return true;
    }
}
