using System.Globalization;
using System.Text;
using Pipeline.IntegrationTests.Chaos.Events;
using Protocol.Coap;

namespace Pipeline.IntegrationTests.Chaos.Fleet;

/// <summary>The messages of a device, each of which carries its number: a notification as its value, Register and Update in their lifetime.</summary>
static class ChaosMessages
{
    /// <summary>More than any of them needs.</summary>
    public const int MaxLength = 512;

    const ushort LinkFormat = 40;

    public static int Register(Span<byte> buffer, ushort messageId, ReadOnlySpan<byte> token, string endpoint, int number)
    {
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Post, messageId, token);
        writer.AddUriPath("rd");
        writer.AddOption(CoapOptionNumber.ContentFormat, LinkFormat);
        writer.AddOption(CoapOptionNumber.UriQuery, "ep=" + endpoint);
        writer.AddOption(CoapOptionNumber.UriQuery, Lifetime(number));
        writer.AddOption(CoapOptionNumber.UriQuery, "lwm2m=1.0"u8);
        writer.AddOption(CoapOptionNumber.UriQuery, "b=U"u8);
        writer.AddPayload("</3/0/9>"u8);
        return Finish(writer);
    }

    public static int Update(Span<byte> buffer, ushort messageId, ReadOnlySpan<byte> token, string location, int number)
    {
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Post, messageId, token);
        writer.AddUriPath(location);
        writer.AddOption(CoapOptionNumber.UriQuery, Lifetime(number));
        return Finish(writer);
    }

    /// <summary>A notification; as long as its device lives the number serves as Observe value, too.</summary>
    public static int Notification(Span<byte> buffer, ushort messageId, ReadOnlySpan<byte> token, int number)
    {
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Content, messageId, token);
        writer.AddOption(CoapOptionNumber.Observe, (uint)number);
        writer.AddOption(CoapOptionNumber.ContentFormat, 0u);
        writer.AddPayload(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
        return Finish(writer);
    }

    /// <summary>Answers a read or observation by 0, which is no number of a message, and everything else by 2.04.</summary>
    public static byte[] Answer(in CoapFrame request, uint observe)
    {
        var isRead = request.Code == CoapCode.Get;
        var buffer = new byte[64];
        var writer = new CoapWriter(
            buffer, CoapType.Acknowledgement, isRead ? CoapCode.Content : CoapCode.Changed, request.MessageId, request.Token);
        if (isRead && request.Observe == 0)
            writer.AddOption(CoapOptionNumber.Observe, observe);
        if (isRead)
        {
            writer.AddOption(CoapOptionNumber.ContentFormat, 0u);
            writer.AddPayload("0"u8);
        }

        return buffer[..Finish(writer)];
    }

    static string Lifetime(int number) => string.Create(CultureInfo.InvariantCulture, $"lt={EventFacts.Lifetime + number}");

    static int Finish(in CoapWriter writer) =>
        writer.TryFinish(out var length) ? length : throw new InvalidOperationException("The message is larger than its buffer.");
}
