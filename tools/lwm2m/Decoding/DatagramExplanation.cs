using System.Text;
using Protocol.Coap;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Links;

namespace Tools.Decoding;

/// <summary>What a CoAP datagram says, in lines for people: header, options, and the payload down to names and values.</summary>
sealed class DatagramExplanation
{
    readonly DefinitionView _definitions;
    readonly List<string> _lines = [];

    DatagramExplanation(DefinitionCatalog definitions) => _definitions = definitions.For(null);

    /// <summary>
    /// False where the bytes are no CoAP message; the lines then say why. <paramref name="path"/> is the request path of an answer or
    /// notification, which does not name it itself; without it resources have numbers only.
    /// </summary>
    public static bool TryExplain(ReadOnlySpan<byte> datagram, DefinitionCatalog definitions, Lwm2mPath? path, out IReadOnlyList<string> lines)
    {
        var explanation = new DatagramExplanation(definitions);
        lines = explanation._lines;
        var error = CoapFrame.TryParse(datagram, out var frame);
        if (error != CoapParseError.None)
        {
            explanation._lines.Add($"not a CoAP message: {error} ({datagram.Length} bytes)");
            return false;
        }
        explanation.Add(frame, path);
        return true;
    }

    /// <summary>A message in a few words: type, code, what LwM2M means by it, and how much it carries.</summary>
    public static string Summary(in CoapFrame frame)
    {
        var parts = new List<string> { $"{TypeOf(frame.Type)} {CodeOf(frame.Code)}" };
        if (MeaningOf(frame) is { } meaning)
            parts.Add(meaning);
        if (frame.Observe is { } observe && frame.Code.IsResponse)
            parts.Add($"Observe {observe}");
        foreach (var option in frame.Options)
        {
            if (option.Number is CoapOptionNumber.Block1 or CoapOptionNumber.Block2)
                parts.Add($"{OptionText.NameOf(option.Number)} {OptionText.ValueOf(option)}");
        }

        parts.Add($"#{frame.MessageId}");
        if (!frame.Payload.IsEmpty)
            parts.Add($"{frame.Payload.Length} bytes");
        return string.Join(", ", parts);
    }

    void Add(in CoapFrame frame, Lwm2mPath? path)
    {
        _lines.Add($"{TypeOf(frame.Type)} {CodeOf(frame.Code)}, message id {frame.MessageId} (0x{frame.MessageId:x4}), {TokenOf(frame.Token)}");
        if (MeaningOf(frame) is { } meaning)
            _lines.Add(meaning);
        foreach (var option in frame.Options)
            _lines.Add($"  {OptionText.NameOf(option.Number),-16}{OptionText.ValueOf(option)}");
        if (frame.Payload.IsEmpty)
            return;

        var requestPath = frame.Code.IsRequest ? RequestReading.PathOf(frame) : path;
        _lines.Add($"payload, {frame.Payload.Length} bytes, {(frame.ContentFormat is { } format ? OptionText.FormatOf(format) : "no content format")}");
        switch (frame.ContentFormat)
        {
            case ContentFormat.Lwm2mTlv or ContentFormat.DraftTlv:
                new TlvExplanation(_definitions, _lines).Add(frame.Payload, requestPath ?? default);
                break;
            case ContentFormat.LinkFormat:
                AddLinks(frame.Payload);
                break;
            case null or ContentFormat.TextPlain or ContentFormat.Json or ContentFormat.SenmlJson or ContentFormat.Lwm2mJson:
                _lines.Add("  " + PlainText.Of(Encoding.UTF8.GetString(frame.Payload)));
                break;
            default:
                _lines.Add("  " + Convert.ToHexStringLower(frame.Payload));
                break;
        }
    }

    void AddLinks(ReadOnlySpan<byte> payload)
    {
        if (!LinkFormat.TryParse(payload, out var links, out var error))
        {
            _lines.Add($"  not link-format: {error}");
            return;
        }
        foreach (var link in links)
            _lines.Add($"  {PlainText.Of(link.Text),-24}{_definitions.NameOf(link.Target)}".TrimEnd());
    }

    // What LwM2M means by the message, as far as that can be told without knowing what went before.
    static string? MeaningOf(in CoapFrame frame)
    {
        if (frame.Code == CoapCode.Empty)
            return frame.Type switch { CoapType.Confirmable => "ping", CoapType.Reset => "rejection of that message", _ => "acknowledgement, nothing more" };
        if (frame.Code.IsResponse)
            return frame.Code == CoapCode.Content && frame.Observe is not null ? "answer to Observe, or a notification" : null;
        if (frame.UriPath.Matches("rd"u8))
            return frame.Code == CoapCode.Post ? "Register" : null;
        if (frame.UriPath.MoveNext() && RequestReading.PathOf(frame) is null)
            return StartsWithRegistration(frame.UriPath) ? frame.Code switch { CoapCode.Post => "Update", CoapCode.Delete => "De-register", _ => null } : null;
        return RequestReading.PathOf(frame) is { } path && RequestReading.KindOf(frame, path) is { } kind ? $"{RequestReading.NameOf(kind)} {path}" : null;
    }

    static bool StartsWithRegistration(CoapOptionValues path) => path.MoveNext() && path.Current.SequenceEqual("rd"u8);

    static string TypeOf(CoapType type) => type switch
    {
        CoapType.Confirmable => "CON",
        CoapType.NonConfirmable => "NON",
        CoapType.Acknowledgement => "ACK",
        _ => "RST",
    };

    static string CodeOf(CoapCode code) => Enum.IsDefined(code) ? $"{code.Dotted} {code}" : $"{code.Dotted} (unknown)";

    static string TokenOf(ReadOnlySpan<byte> token) => token.IsEmpty ? "no token" : "token " + Convert.ToHexStringLower(token);
}
