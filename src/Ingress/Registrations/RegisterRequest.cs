using System.Globalization;
using System.Text;
using Contracts;
using Ingress.Messages;
using Protocol.Lwm2m.Links;

namespace Ingress.Registrations;

/// <summary>What a Register or Update says (LwM2M Core 1.1 section 6.2). Parameters that are not there are null.</summary>
sealed record RegisterRequest
{
    /// <summary>Longest value of a query that is kept, in bytes; CoAP allows 255.</summary>
    const int MaxEndpointLength = 255;

    /// <summary>
    /// Longest object list, in bytes: it stands twice in a session record that replaces another, and in JSON with its escapes, and each must
    /// fit into a record of Kafka.
    /// </summary>
    public const int MaxObjectList = 512 * 1024;

    // A password in a query must not get into logs that live for days.
    static readonly HashSet<string> Secrets =
    [
        "access_key_id", "access_key_secret", "access_token", "account_key", "api_key", "api_secret", "aws_secret_access_key", "bind_password",
        "client_jwks", "client_secret", "id_token", "jwk", "jwt", "mfa_token", "new_pwd", "old_pwd", "passcode", "passwd", "password", "private_key",
        "private_key_password", "refresh_token", "secret", "secret_access_key", "secret_key", "security_token", "sentinel_password", "sp_private_key",
        "token",
    ];

    public string? Endpoint { get; private init; }
    public long? Lifetime { get; private init; }
    public string? Version { get; private init; }
    public string? Binding { get; private init; }

    /// <summary>The <c>Q</c> parameter of LwM2M 1.1.</summary>
    public bool Queue { get; private init; }
    public string? DeviceId { get; private init; }
    public string? Imei { get; private init; }

    /// <summary>For the authenticator; it goes nowhere else.</summary>
    public string? Password { get; private init; }

    /// <summary>All parameters with a value, in order, the last of equal keys; secrets left out.</summary>
    public required IReadOnlyList<QueryParameter> Parameters { get; init; }

    /// <summary>Null where the message has no payload.</summary>
    public ObjectList? Objects { get; private init; }

    /// <summary>False and the sentence for the device where the message cannot be understood.</summary>
    /// <param name="message">The Register or Update.</param>
    /// <param name="request">What it says.</param>
    /// <param name="error">What is wrong with it.</param>
    /// <param name="provenName">The endpoint that the device has proven to be: what "ep" would say where it is left out.</param>
    public static bool TryParse(in Message message, out RegisterRequest? request, out string error, string? provenName = null)
    {
        request = null;
        error = "";
        var parameters = new Dictionary<string, string>();
        var queue = false;
        foreach (var query in message.Frame.UriQuery)
        {
            if (query.IndexOf((byte)'=') is var equals && equals < 0)
            {
                queue |= query.SequenceEqual("Q"u8);
                continue;
            }

            if (!TryGetText(query, out var text))
                return Fail("a query is not UTF-8", out error);
            parameters[text[..equals]] = text[(equals + 1)..];
        }

        if (provenName is not null)
            parameters.TryAdd("ep", provenName);
        long? lifetime = null;
        if (parameters.TryGetValue("lt", out var lt))
        {
            // A lifetime is at most 32 bits wide (LwM2M object 1 resource 1).
            if (!uint.TryParse(lt, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                return Fail("lt is not a number of seconds", out error);
            lifetime = seconds;
        }

        ObjectList? objects = null;
        if (!message.Payload.IsEmpty && !ObjectList.TryParse(message.Payload, out objects, out var linkError))
            return Fail("object list: " + linkError, out error);

        request = new RegisterRequest
        {
            Endpoint = parameters.GetValueOrDefault("ep"),
            Lifetime = lifetime,
            Version = parameters.GetValueOrDefault("lwm2m"),
            Binding = parameters.GetValueOrDefault("b"),
            Queue = queue,
            DeviceId = parameters.GetValueOrDefault("device_id"),
            Imei = parameters.GetValueOrDefault("imei"),
            Password = parameters.GetValueOrDefault("password"),
            Objects = objects,
            Parameters = [.. parameters.Where(p => !Secrets.Contains(p.Key)).Select(p => new QueryParameter { Key = p.Key, Value = p.Value })],
        };
        return true;
    }

    /// <summary>Whether each name that gets into MQTT topics may stand there.</summary>
    public bool HasSafeNames(out string error)
    {
        error = "";
        foreach (var (key, value) in new[] { ("ep", Endpoint), ("device_id", DeviceId), ("imei", Imei) })
        {
            if (value is null)
                continue;
            if (!Mountpoint.IsSafe(value) || Encoding.UTF8.GetByteCount(value) > MaxEndpointLength)
                return Fail($"{key} is empty or holds '+', '#', '/' or a control character", out error);
        }

        return true;
    }

    static bool TryGetText(ReadOnlySpan<byte> utf8, out string text)
    {
        var valid = System.Text.Unicode.Utf8.IsValid(utf8);
        text = valid ? Encoding.UTF8.GetString(utf8) : "";
        return valid;
    }

    static bool Fail(string sentence, out string error)
    {
        error = sentence;
        return false;
    }
}
