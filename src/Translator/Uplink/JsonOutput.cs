using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Values;

namespace Translator.Uplink;

/// <summary>
/// Writes JSON as EMQX does: no blanks, and in strings nothing escaped but what JSON demands (Utf8JsonWriter escapes all beyond the basic
/// plane). The caller sees to the grammar. Belongs to one thread.
/// </summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The writer holds nothing but memory, and lives as long as its thread.")]
internal sealed class JsonOutput
{
    private const int KeptCapacity = 256 * 1024;

    [ThreadStatic]
    private static JsonOutput? t_ofThread;

    private static readonly byte[] Special = [.. Enumerable.Range(0, 32).Select(code => (byte)code), (byte)'"', (byte)'\\'];
    private static readonly SearchValues<byte> EscapedUtf8 = SearchValues.Create(Special);
    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. Special.Select(code => (char)code)]);

    private ArrayBufferWriter<byte> _bytes = new(1024);
    private readonly Utf8JsonWriter _values = new(Stream.Null, new JsonWriterOptions { SkipValidation = true });

    /// <summary>Emptied, ready for the next document of this thread.</summary>
    public static JsonOutput Fresh()
    {
        var output = t_ofThread ??= new JsonOutput();
        if (output._bytes.Capacity > KeptCapacity)
        {
            output._bytes = new ArrayBufferWriter<byte>(1024);
        }

        output._bytes.ResetWrittenCount();
        return output;
    }

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public void Raw(ReadOnlySpan<byte> json)
    {
        json.CopyTo(_bytes.GetSpan(json.Length));
        _bytes.Advance(json.Length);
    }

    public void Number(long number)
    {
        Utf8Formatter.TryFormat(number, _bytes.GetSpan(20), out var written);
        _bytes.Advance(written);
    }

    /// <summary>A JSON string. A lone surrogate becomes U+FFFD.</summary>
    public void Text(ReadOnlySpan<char> text)
    {
        Raw("\""u8);
        while (text.IndexOfAny(Escaped) is >= 0 and var at)
        {
            Transcode(text[..at]);
            Escape((byte)text[at]);
            text = text[(at + 1)..];
        }

        Transcode(text);
        Raw("\""u8);
    }

    /// <summary>A JSON string of UTF-8 that is known to be sound.</summary>
    public void Utf8Text(ReadOnlySpan<byte> text)
    {
        Raw("\""u8);
        while (text.IndexOfAny(EscapedUtf8) is >= 0 and var at)
        {
            Raw(text[..at]);
            Escape(text[at]);
            text = text[(at + 1)..];
        }

        Raw(text);
        Raw("\""u8);
    }

    public void Path(Lwm2mPath path)
    {
        Span<char> text = stackalloc char[Lwm2mPath.MaxLength];
        path.TryFormat(text, out var written);
        var room = _bytes.GetSpan(Lwm2mPath.MaxLength + 2);
        room[0] = (byte)'"';
        Ascii.FromUtf16(text[..written], room[1..], out _);
        room[written + 1] = (byte)'"';
        _bytes.Advance(written + 2);
    }

    public void Value(in Lwm2mValue value)
    {
        if (value.Type is ResourceType.String or ResourceType.CoreLink)
        {
            Text(value.Text);
            return;
        }

        if (value.Type is ResourceType.Integer or ResourceType.Time)
        {
            Number(value.Number);
            return;
        }

        _values.Reset(_bytes);
        value.WriteTo(_values);
        _values.Flush();
    }

    private void Transcode(ReadOnlySpan<char> text)
    {
        Utf8.FromUtf16(text, _bytes.GetSpan(text.Length * 3 + 1), out _, out var written, replaceInvalidSequences: true);
        _bytes.Advance(written);
    }

    private void Escape(byte code)
    {
        switch (code)
        {
            case (byte)'"':
                Raw("\\\""u8);
                break;
            case (byte)'\\':
                Raw("\\\\"u8);
                break;
            case (byte)'\b':
                Raw("\\b"u8);
                break;
            case (byte)'\f':
                Raw("\\f"u8);
                break;
            case (byte)'\n':
                Raw("\\n"u8);
                break;
            case (byte)'\r':
                Raw("\\r"u8);
                break;
            case (byte)'\t':
                Raw("\\t"u8);
                break;
            default:
                Raw("\\u00"u8);
                Raw([(byte)('0' + (code >> 4)), (byte)((code & 15) < 10 ? '0' + (code & 15) : 'A' + (code & 15) - 10)]);
                break;
        }
    }
}
