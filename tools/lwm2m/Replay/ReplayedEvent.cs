using System.Globalization;
using System.Text;
using System.Text.Json;
using Contracts;
using Tools.Traffic;
using Translator.Uplink;

namespace Tools.Replay;

/// <summary>A device event that came out of a replay, as one line of JSON: the same event gives the same bytes.</summary>
sealed record ReplayedEvent
{
    static readonly JsonWriterOptions AsWritten = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>ce_id</c>.</summary>
    public required string Id { get; init; }

    public required string Endpoint { get; init; }

    /// <summary><c>ce_type</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Of the uplink event; ISO 8601, 100 ns.</summary>
    public required string Time { get; init; }

    /// <summary>Null where the device may not publish it.</summary>
    public required string? Topic { get; init; }

    public required int Qos { get; init; }

    public required bool Retain { get; init; }

    /// <summary>JSON, UTF-8.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    public static ReplayedEvent Of(UplinkEvent happened, DeviceEvent device) => new()
    {
        Id = device.Id,
        Endpoint = device.Key,
        Type = device.Type,
        Time = TrafficSelection.TimeOf(happened).ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture),
        Topic = device.Topic,
        Qos = device.Qos,
        Retain = device.Retain,
        Payload = device.Json,
    };

    /// <summary>Null for what <see cref="ToJson"/> has not written.</summary>
    public static ReplayedEvent? Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return Of(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <inheritdoc cref="Parse"/>
    public static ReplayedEvent? Of(JsonElement json)
    {
        try
        {
            return new ReplayedEvent
            {
                Id = json.GetProperty("id").GetString()!,
                Endpoint = json.GetProperty("endpoint").GetString()!,
                Type = json.GetProperty("type").GetString()!,
                Time = json.GetProperty("time").GetString()!,
                Topic = json.GetProperty("topic").GetString(),
                Qos = json.GetProperty("qos").GetInt32(),
                Retain = json.GetProperty("retain").GetBoolean(),
                Payload = Encoding.UTF8.GetBytes(json.GetProperty("payload").GetRawText()),
            };
        }
        catch (Exception other) when (other is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    public byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, AsWritten))
            Write(json);
        return buffer.ToArray();
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("time", Time);
        json.WriteString("endpoint", Endpoint);
        json.WriteString("type", Type);
        json.WriteString("id", Id);
        json.WriteString("topic", Topic);
        json.WriteNumber("qos", Qos);
        json.WriteBoolean("retain", Retain);
        json.WritePropertyName("payload");
        json.WriteRawValue(Payload.Span, skipInputValidation: true);
        json.WriteEndObject();
    }
}
