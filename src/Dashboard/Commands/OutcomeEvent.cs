using System.Text.Json;
using Dashboard.Http;
using Microsoft.AspNetCore.Http;

namespace Dashboard.Commands;

/// <summary>The JSON of an outcome, as it is on <c>events</c> and MQTT, read as far as the API needs it.</summary>
sealed class OutcomeEvent
{
    OutcomeEvent(JsonElement root, JsonElement data)
    {
        Data = data;
        MsgType = TextOf(root, "msgType") ?? "";
        Code = TextOf(data, "code");
        CodeMsg = TextOf(data, "codeMsg");
        Reason = TextOf(data, "reason");
    }

    public string MsgType { get; }

    public JsonElement Data { get; }

    /// <summary>"2.05"; null where the device has not answered.</summary>
    public string? Code { get; }

    public string? CodeMsg { get; }

    /// <summary>One sentence, where the gateway found the error.</summary>
    public string? Reason { get; }

    public static OutcomeEvent? Read(byte[] json)
    {
        try
        {
            var root = JsonElement.Parse(json);
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
                ? new OutcomeEvent(root, data)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The error to answer with where no device answered; null where one did, however.</summary>
    public ApiAnswer? Failure() => (MsgType, Reason) switch
    {
        ("coap_timeout", null) => ApiAnswer.Timeout("sent, and not answered by the device"),
        ("coap_timeout", { } reason) => ApiAnswer.Timeout(reason),
        ("coap_reset", _) => ApiAnswer.Error(StatusCodes.Status502BadGateway, ApiError.BadGateway, "the device has reset the request"),
        (_, null) => null,
        (_, { } reason) when Begins(reason, "not registered") => ApiAnswer.NotFound(ApiError.ClientNotFound, reason),
        (_, { } reason) when Begins(reason, "denied") => ApiAnswer.Error(StatusCodes.Status403Forbidden, ApiError.Forbidden, reason),
        (_, { } reason) when Begins(reason, "queue full") => ApiAnswer.Unavailable(reason),
        (_, { } reason) when Begins(reason, "expired") => ApiAnswer.Timeout(reason),
        (_, { } reason) when Begins(reason, "cancelled") => ApiAnswer.Error(StatusCodes.Status409Conflict, ApiError.Conflict, reason),
        _ => null,
    };

    static bool Begins(string reason, string words) => reason.StartsWith(words, StringComparison.Ordinal);

    static string? TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
}
