using Protocol.Lwm2m.Cbor;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>One value of a resource or resource instance as CBOR (LwM2M Core 1.1 section 7.4.4).</summary>
static class CborDecoder
{
    internal static DecodedContent Decode(ReadOnlySpan<byte> payload, in DecodeContext context)
    {
        var path = context.RequestPath;
        if (path.Depth < 3)
            return DecodedContent.Failed("CBOR holds one value, but the request path names no resource");
        var reader = new CborReader(payload);
        if (!reader.TryValue(out var wire))
            return DecodedContent.Failed(reader.Fault!);
        if (!reader.IsAtEnd)
            return DecodedContent.Failed($"bytes after the CBOR value, from byte {reader.Position}");
        var type = context.Definitions.FindResource(path.ObjectId, path.ResourceId)?.Type;
        return WireTyping.TryType(type, wire, out var value, out var reason)
            ? DecodedContent.Of([new DecodedItem(path, value)])
            : DecodedContent.Of([new DecodedItem(path, Lwm2mValue.Opaque(payload.ToArray()), Note: reason)]);
    }
}
