using Protocol.Lwm2m.Senml;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>From the payload of an answer or notification to paths and values, whatever the content format.</summary>
public static class ContentDecoder
{
    /// <summary>A payload that holds more values is refused.</summary>
    public const int MaxItems = 65536;

    internal const string TooManyItems = "more than 65536 values";

    /// <summary>Never throws. A value that cannot be typed does not take the others down: it comes as raw bytes with a note.</summary>
    /// <param name="contentFormat">CoAP Content-Format; null, where the device sent none, is text/plain.</param>
    public static DecodedContent Decode(ushort? contentFormat, ReadOnlySpan<byte> payload, in DecodeContext context)
    {
        switch (contentFormat ?? ContentFormats.Text)
        {
            case ContentFormats.Text or ContentFormats.LegacyText:
                return DecodeText(payload, context);
            case ContentFormats.Opaque or ContentFormats.LegacyOpaque:
                return DecodedContent.Of([new DecodedItem(context.RequestPath, Lwm2mValue.Opaque(payload.ToArray()))]);
            case ContentFormats.Tlv or ContentFormats.LegacyTlv:
                return TlvDecoder.Decode(payload, context);
            case ContentFormats.Json or ContentFormats.LegacyJson:
                return JsonDecoder.Decode(payload, context);
            case ContentFormats.Cbor:
                return CborDecoder.Decode(payload, context);
            case ContentFormats.SenmlCbor or ContentFormats.SenmlEtchCbor:
                return SenmlCborDecoder.Decode(payload, context, UseOf(contentFormat));
            case ContentFormats.SenmlJson or ContentFormats.SenmlEtchJson:
                return SenmlJsonDecoder.Decode(payload, context, UseOf(contentFormat));
            case ContentFormats.Lwm2mCbor:
                return Lwm2mCborDecoder.Decode(payload, context);
            default:
                var note = $"content format {contentFormat} is not understood";
                var item = new DecodedItem(context.RequestPath, Lwm2mValue.Opaque(payload.ToArray()), Note: note);
                return IsOfOthers(contentFormat) ? DecodedContent.Of([item]) : DecodedContent.Foreign(item);
        }
    }

    // Well known, and not for values of LwM2M: an answer in one of them is an error of the device. EMQX draws the line here.
    static bool IsOfOthers(ushort? contentFormat) =>
        contentFormat is ContentFormats.LinkFormat or ContentFormats.Xml or ContentFormats.Exi or ContentFormats.PlainJson;

    static SenmlUse UseOf(ushort? contentFormat) =>
        contentFormat is ContentFormats.SenmlEtchCbor or ContentFormats.SenmlEtchJson ? SenmlUse.Patch : SenmlUse.Values;

    static DecodedContent DecodeText(ReadOnlySpan<byte> payload, in DecodeContext context)
    {
        if (context.RequestPath.Depth < 3)
            return DecodedContent.Failed("text/plain holds one value, but the request path names no resource");
        var sink = new ItemSink(context.Definitions, expected: 1);
        sink.AddText(context.RequestPath, payload);
        return sink.ToContent(context.RequestPath.ObjectId);
    }
}
