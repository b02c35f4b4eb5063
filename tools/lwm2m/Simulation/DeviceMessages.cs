using Protocol.Coap;

namespace Tools.Simulation;

/// <summary>Answers, notifications and Sends of a device as bytes.</summary>
static class DeviceMessages
{
    /// <summary>Room for options besides the payload.</summary>
    const int MaxHead = 128;

    public static byte[] Response(CoapType type, ushort messageId, CoapToken token, in DeviceAnswer answer)
    {
        var buffer = new byte[MaxHead + answer.Payload.Length];
        Span<byte> bytes = stackalloc byte[CoapFrame.MaxTokenLength];
        var writer = new CoapWriter(buffer, type, answer.Code, messageId, token.CopyTo(bytes));
        if (answer.Observe is { } sequence)
            writer.AddOption(CoapOptionNumber.Observe, sequence);
        if (answer.Location is { } location)
            writer.AddLocationPath(location.ToString());
        if (answer.Format is { } format)
            writer.AddOption(CoapOptionNumber.ContentFormat, format);
        writer.AddPayload(answer.Payload);
        return writer.TryFinish(out var length) ? buffer[..length] : throw new InvalidOperationException("The answer is larger than its buffer.");
    }

    /// <summary>LwM2M Send (LwM2M Core 1.1 section 6.4.6).</summary>
    public static byte[] Send(ushort messageId, CoapToken token, ushort format, ReadOnlySpan<byte> payload)
    {
        var buffer = new byte[MaxHead + payload.Length];
        Span<byte> bytes = stackalloc byte[CoapFrame.MaxTokenLength];
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Post, messageId, token.CopyTo(bytes));
        writer.AddUriPath("dp");
        writer.AddOption(CoapOptionNumber.ContentFormat, format);
        writer.AddPayload(payload);
        return writer.TryFinish(out var length) ? buffer[..length] : throw new InvalidOperationException("The Send is larger than its buffer.");
    }

    public static byte[] Empty(CoapType type, ushort messageId)
    {
        var buffer = new byte[CoapWriter.EmptyMessageLength];
        CoapWriter.TryWriteEmpty(buffer, type, messageId);
        return buffer;
    }
}
