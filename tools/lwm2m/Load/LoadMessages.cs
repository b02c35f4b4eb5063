using System.Buffers.Binary;
using System.Text;
using Protocol.Coap;
using Protocol.Lwm2m.Formats;

namespace Tools.Load;

/// <summary>The messages of a device that has one resource, /3303/0/5700, written without allocation.</summary>
static class LoadMessages
{
    /// <summary>More than any of them needs.</summary>
    public const int MaxLength = 512;

    static readonly byte[] Links = Encoding.ASCII.GetBytes("</>;rt=\"oma.lwm2m\",</3303/0>");

    public static int Register(Span<byte> buffer, ushort messageId, ReadOnlySpan<byte> token, string endpoint, long lifetime)
    {
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Post, messageId, token);
        writer.AddOption(CoapOptionNumber.UriPath, "rd"u8);
        writer.AddOption(CoapOptionNumber.ContentFormat, ContentFormats.LinkFormat);
        Span<char> text = stackalloc char[endpoint.Length + 32];
        text.TryWrite($"ep={endpoint}", out var length);
        writer.AddOption(CoapOptionNumber.UriQuery, text[..length]);
        text.TryWrite($"lt={lifetime}", out length);
        writer.AddOption(CoapOptionNumber.UriQuery, text[..length]);
        writer.AddOption(CoapOptionNumber.UriQuery, "lwm2m=1.0"u8);
        writer.AddOption(CoapOptionNumber.UriQuery, "b=U"u8);
        writer.AddPayload(Links);
        return Finish(writer);
    }

    /// <summary>An Update (POST) or De-register (DELETE).</summary>
    public static int AtLocation(Span<byte> buffer, CoapCode method, ushort messageId, ReadOnlySpan<byte> token, string location)
    {
        var writer = new CoapWriter(buffer, CoapType.Confirmable, method, messageId, token);
        writer.AddUriPath(location);
        return Finish(writer);
    }

    /// <summary>A notification, or the answer to a read or observation of a path with so many levels.</summary>
    public static int Value(
        Span<byte> buffer, CoapType type, ushort messageId, ReadOnlySpan<byte> token, uint? observe, int pathDepth, double value)
    {
        var writer = new CoapWriter(buffer, type, CoapCode.Content, messageId, token);
        if (observe is { } sequence)
            writer.AddOption(CoapOptionNumber.Observe, sequence);
        writer.AddOption(CoapOptionNumber.ContentFormat, ContentFormats.Tlv);
        // Object instance 0, in it resource 5700 with 8 bytes.
        Span<byte> tlv = [0x08, 0x00, 0x0C, 0xE8, 0x16, 0x44, 0x08, 0, 0, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteDoubleBigEndian(tlv[7..], value);
        writer.AddPayload(pathDepth == 1 ? tlv : tlv[3..]);
        return Finish(writer);
    }

    public static int Refusal(Span<byte> buffer, CoapType type, CoapCode code, ushort messageId, ReadOnlySpan<byte> token) =>
        Finish(new CoapWriter(buffer, type, code, messageId, token));

    static int Finish(in CoapWriter writer) =>
        writer.TryFinish(out var length) ? length : throw new InvalidOperationException("The message is larger than its buffer.");
}
