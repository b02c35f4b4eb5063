using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Contracts;
using Dashboard.Clients;
using Messaging;

namespace Dashboard.Events;

/// <summary>An event as a message of a server-sent stream; its data is a CloudEvent in JSON, on one line.</summary>
static class EventFrame
{
    static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="position">The id that a reader comes back with.</param>
    public static void Write(IBufferWriter<byte> output, in LogRecord record, string position)
    {
        output.Write(Encoding.UTF8.GetBytes($"id: {position}\nevent: {EventRecord.TypeOf(record)}\ndata: "));
        using (var json = new Utf8JsonWriter(output, Writing))
            WriteData(json, record);
        output.Write("\n\n"u8);
    }

    static void WriteData(Utf8JsonWriter json, in LogRecord record)
    {
        json.WriteStartObject();
        json.WriteString("specversion", "1.0");
        json.WriteString("id", EventRecord.HeaderOf(record, EventHeaders.Id));
        json.WriteString("source", EventRecord.HeaderOf(record, EventHeaders.Source));
        json.WriteString("type", EventRecord.HeaderOf(record, EventHeaders.Type));
        json.WriteString("subject", record.Key);
        json.WriteString("time", ClientJson.TimeOf(record.TimestampMs));
        json.WriteString("datacontenttype", "application/json");
        // What must not be published has none.
        if (EventRecord.HeaderOf(record, EventHeaders.MqttTopic) is { Length: > 0 } topic)
            json.WriteString("mqtttopic", topic);
        json.WritePropertyName("data");
        WritePayload(json, record.Value);
        json.WriteEndObject();
    }

    // Anybody could have written to the topic; a new line would end the message.
    static void WritePayload(Utf8JsonWriter json, byte[]? value)
    {
        try
        {
            JsonElement.Parse(value ?? "null"u8).WriteTo(json);
        }
        catch (JsonException)
        {
            json.WriteNullValue();
        }
    }
}
