using System.Text.Json;

namespace Ingress.Access;

/// <summary>What a server said of a device: EMQX's JSON <c>{"result": "allow|deny|ignore", ...}</c> or the same as a form.</summary>
sealed record HttpReply(HttpResult Result)
{
    public static readonly HttpReply Unreachable = new(HttpResult.Unreachable);

    public bool IsSuperuser { get; private init; }

    /// <summary>Unix time in s; 0 = the answer names none.</summary>
    public long ExpireAt { get; private init; }

    /// <summary>The answer holds EMQX's <c>acl</c>, a list of permissions, which is not taken here.</summary>
    public bool HasAcl { get; private init; }

    public IReadOnlyDictionary<string, string> Attributes { get; private init; } = new Dictionary<string, string>();

    /// <summary>
    /// 204 allows, 200 says it in its body. What may pass by itself (5xx, 408, 429) is as if nobody had answered (null), and so is a body that
    /// nobody understands; any other code has no opinion, as with EMQX.
    /// </summary>
    public static HttpReply? Of(int status, string? mediaType, string body) => status switch
    {
        204 => new HttpReply(HttpResult.Allow),
        200 when mediaType == "application/x-www-form-urlencoded" => OfForm(body),
        200 => OfJson(body),
        408 or 429 or >= 500 => null,
        _ => new HttpReply(HttpResult.Ignore),
    };

    static HttpReply? OfJson(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return null;
            return new HttpReply(ResultOf(Text(root, "result")))
            {
                IsSuperuser = Text(root, "is_superuser") == "true",
                ExpireAt = Time(Text(root, "expire_at")),
                HasAcl = root.TryGetProperty("acl", out _),
                Attributes = root.TryGetProperty("client_attrs", out var attributes) && attributes.ValueKind == JsonValueKind.Object
                    ? TextsOf(attributes)
                    : new Dictionary<string, string>(),
            };
        }
        // The latter: half a surrogate pair in a text.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    static HttpReply OfForm(string body)
    {
        Dictionary<string, string> fields = [];
        foreach (var field in body.Split('&'))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                fields[field[..equals]] = Uri.UnescapeDataString(field[(equals + 1)..].Replace('+', ' '));
        }

        return new HttpReply(ResultOf(fields.GetValueOrDefault("result", "")))
        {
            IsSuperuser = fields.GetValueOrDefault("is_superuser") is "true",
            ExpireAt = Time(fields.GetValueOrDefault("expire_at", "")),
        };
    }

    /// <summary>The members that are texts; of equal names the last counts.</summary>
    public static Dictionary<string, string> TextsOf(JsonElement json)
    {
        Dictionary<string, string> texts = [];
        foreach (var member in json.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.String)
                texts[member.Name] = member.Value.GetString()!;
        }

        return texts;
    }

    static string Text(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var value))
            return "";
        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.True => "true",
            _ => "",
        };
    }

    static HttpResult ResultOf(string text) => text switch
    {
        "allow" => HttpResult.Allow,
        "deny" => HttpResult.Deny,
        _ => HttpResult.Ignore,
    };

    // What lies beyond any calendar is as good as never, what cannot be read must not be.
    static long Time(string text)
    {
        if (text.Length == 0)
            return 0;
        return double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds >= 1
            ? (long)Math.Min(seconds, 253_402_300_799)
            : 1;
    }
}
