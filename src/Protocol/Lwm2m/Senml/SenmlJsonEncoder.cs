using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Senml;

/// <summary>SenML in JSON (RFC 8428 section 5).</summary>
static class SenmlJsonEncoder
{
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static byte[] Encode(Lwm2mPath basePath, List<TimedValue> values)
    {
        var names = new SenmlNames(basePath, values);
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartArray();
            for (var i = 0; i < values.Count; i++)
            {
                var (path, value, timestamp) = values[i];
                json.WriteStartObject();
                if (i == 0 && names.Base.Length > 0)
                    json.WriteString("bn", names.Base);
                if (names.Of(path) is { Length: > 0 } name)
                    json.WriteString("n", name);
                if (timestamp is { } time)
                    json.WriteNumber("t", time / 1000m);
                WriteValue(json, value);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Records with names alone.</summary>
    internal static byte[] Encode(IReadOnlyList<Lwm2mPath> paths)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartArray();
            foreach (var path in paths)
            {
                json.WriteStartObject();
                json.WriteString("n", path.ToString());
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        return output.WrittenSpan.ToArray();
    }

    static void WriteValue(Utf8JsonWriter json, in Lwm2mValue value)
    {
        switch (value.Type)
        {
            case ResourceType.String or ResourceType.CoreLink:
                json.WriteString("vs", value.Text);
                break;
            case ResourceType.Boolean:
                json.WriteBoolean("vb", value.Truth);
                break;
            case ResourceType.Opaque:
                json.WriteString("vd", Base64Url.EncodeToString(value.Bytes));
                break;
            case ResourceType.ObjectLink:
                json.WriteString("vlo", value.ToString());
                break;
            default:
                json.WritePropertyName("v");
                value.WriteTo(json);
                break;
        }
    }
}
