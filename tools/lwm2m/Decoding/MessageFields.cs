using Protocol.Coap;

namespace Tools.Decoding;

/// <summary>A CoAP message for programs (RFC 7252 section 3).</summary>
/// <param name="Code">As "0.01", "2.05".</param>
/// <param name="Token">In hexadecimal.</param>
/// <param name="Options">In the order of the message.</param>
/// <param name="Payload">In hexadecimal.</param>
sealed record MessageFields(CoapType Type, string Code, int MessageId, string Token, IReadOnlyList<MessageFields.Field> Options, string Payload)
{
    /// <summary>Null where the bytes are no message.</summary>
    public static MessageFields? Of(ReadOnlySpan<byte> datagram)
    {
        if (CoapFrame.TryParse(datagram, out var frame) != CoapParseError.None)
            return null;
        var options = new List<Field>();
        foreach (var option in frame.Options)
            options.Add(new Field((int)option.Number, OptionText.NameOf(option.Number), OptionText.ValueOf(option)));
        return new MessageFields(frame.Type, frame.Code.Dotted, frame.MessageId, Convert.ToHexStringLower(frame.Token), options, Convert.ToHexStringLower(frame.Payload));
    }

    /// <param name="Value">As `decode` writes it for people.</param>
    internal sealed record Field(int Number, string Name, string Value);
}
