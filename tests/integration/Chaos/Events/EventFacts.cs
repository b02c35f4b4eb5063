using System.Text.Json;

namespace Pipeline.IntegrationTests.Chaos.Events;

/// <summary>What the checker wants to know of the JSON of an event.</summary>
sealed record EventFacts
{
    /// <summary>Register and Update ask for a lifetime of so many seconds more than their number.</summary>
    public const int Lifetime = 86_400;

    public string MsgType { get; private set; } = "";

    /// <summary>0 where there is none.</summary>
    public int RequestId { get; private set; }

    /// <summary>The number of the device's message that it tells of; 0 where it has none.</summary>
    public int Number { get; private set; }

    /// <summary>A newer notification was there first.</summary>
    public bool IsLate { get; private set; }

    public string Code { get; private set; } = "";

    public string Reason { get; private set; } = "";

    public bool IsUplink => RequestId == 0 && Number > 0;

    public bool IsOutcome => RequestId > 0 && MsgType is not ("ack" or "notify");

    /// <summary>How a command ended: code of the device or of the gateway with the first word of its reason, or what happened.</summary>
    public string End
    {
        get
        {
            var said = Code.Length > 0 ? Code : MsgType;
            return Reason.Length > 0 ? $"{said} {Reason.Split(' ', ':', '.', ',')[0]}" : said;
        }
    }

    /// <exception cref="JsonException">It is no JSON.</exception>
    public static EventFacts Read(ReadOnlySpan<byte> json)
    {
        var facts = new EventFacts();
        var reader = new Utf8JsonReader(json);
        var (value, lifetime) = (0, 0);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
                continue;
            if (reader.CurrentDepth == 1 && reader.ValueTextEquals("msgType"u8))
                facts.MsgType = Text(ref reader);
            else if (reader.CurrentDepth == 1 && reader.ValueTextEquals("reqID"u8))
                facts.RequestId = Number32(ref reader);
            else if (reader.CurrentDepth == 2 && reader.ValueTextEquals("lt"u8))
                lifetime = Number32(ref reader);
            else if (reader.CurrentDepth == 2 && reader.ValueTextEquals("late"u8))
                facts.IsLate = reader.Read() && reader.TokenType == JsonTokenType.True;
            else if (reader.CurrentDepth == 2 && reader.ValueTextEquals("code"u8))
                facts.Code = Text(ref reader);
            else if (reader.CurrentDepth == 2 && reader.ValueTextEquals("reason"u8))
                facts.Reason = Text(ref reader);
            else if (reader.CurrentDepth == 4 && reader.ValueTextEquals("value"u8))
                value = Number32(ref reader);
        }

        facts.Number = facts.MsgType switch
        {
            // Where the answer to the request got lost, the first notification is the answer (RFC 7252 section 5.2.2).
            "notify" or "observe" => value,
            "register" or "update" => Math.Max(0, lifetime - Lifetime),
            _ => 0,
        };
        return facts;
    }

    static string Text(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";

    static int Number32(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) ? number : 0;
}
