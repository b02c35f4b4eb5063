using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>LwM2M JSON (LwM2M 1.0 section 6.4.4) with the base path as base name.</summary>
static class JsonEncoder
{
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static byte[] Encode(Lwm2mPath basePath, IReadOnlyList<ResourceValue> values)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Options))
        {
            var self = values.Count == 1 && values[0].Path.IsRoot;
            json.WriteStartObject();
            json.WriteString("bn", self || basePath.IsRoot ? basePath.ToString() : basePath + "/");
            json.WriteStartArray("e");
            foreach (var (path, value) in values)
            {
                json.WriteStartObject();
                if (!path.IsRoot)
                    json.WriteString("n", path.ToString().AsSpan(1));
                json.WritePropertyName(LabelOf(value.Type));
                value.WriteTo(json);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }

    static string LabelOf(ResourceType type) => type switch
    {
        ResourceType.Integer or ResourceType.UnsignedInteger or ResourceType.Float or ResourceType.Time => "v",
        ResourceType.Boolean => "bv",
        ResourceType.ObjectLink => "ov",
        _ => "sv",
    };
}
