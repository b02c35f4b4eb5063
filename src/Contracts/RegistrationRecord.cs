using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Contracts;

/// <summary>A record of the registrations topic: JSON, public, key = endpoint. Who is registered, where, and who owns the session.</summary>
public sealed record RegistrationRecord
{
    public required string Endpoint { get; init; }

    /// <summary>The last segment of the Location-Path.</summary>
    public required string RegistrationId { get; init; }

    /// <summary>Number of the session record that it was made from.</summary>
    public required ulong Number { get; init; }

    /// <summary>Slot of the Ingress that owns the session, and the epoch in which it wrote this.</summary>
    public required int Slot { get; init; }
    public required long Epoch { get; init; }

    /// <summary>"live" or "gone".</summary>
    public required string State { get; init; }

    /// <summary>Address and port of the device.</summary>
    public required string Peer { get; init; }

    /// <summary>Seconds, in force.</summary>
    public required long Lifetime { get; init; }

    /// <summary>Unix time in ms.</summary>
    public required long RegisteredAt { get; init; }

    /// <summary>Unix time in ms of the last Register or Update.</summary>
    public required long UpdatedAt { get; init; }

    public required string Lwm2mVersion { get; init; }
    public required string Binding { get; init; }
    public required bool QueueMode { get; init; }
    public required string AlternatePath { get; init; }

    /// <summary>"/3/0", without alternate path.</summary>
    public required IReadOnlyList<string> Objects { get; init; }

    /// <summary>Object id to version, those that the device named.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary><see cref="Versions"/> by the number of the object; without those that are no number.</summary>
    [JsonIgnore]
    public IEnumerable<(uint ObjectId, string Version)> ObjectVersions
    {
        get
        {
            foreach (var (id, version) in Versions)
            {
                if (uint.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var objectId))
                {
                    yield return (objectId, version);
                }
            }
        }
    }

    /// <summary>What mountpoints are rendered from.</summary>
    public required RegisteredClient Client { get; init; }

    /// <summary>Seconds, as the device asked for; null where it did not.</summary>
    public long? RequestedLifetime { get; init; }

    /// <summary>Paths that somebody wants to be observed: "/3/0/10". Whether the device does it, its answers say.</summary>
    public IReadOnlyList<string> Observations { get; init; } = [];

    /// <summary>Content formats that the device announces in its object list ("ct"); empty where it does not.</summary>
    public IReadOnlyList<ushort> Formats { get; init; } = [];

    /// <summary>Bits of <see cref="Contracts.Denied"/>: what the device may not publish or be sent.</summary>
    public uint Denied { get; init; }

    [JsonIgnore]
    public bool IsLive => State == "live";

    /// <summary>UTF-8 JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, RegistrationJson.Shared.RegistrationRecord);

    /// <summary>False for anything that is not such a record.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, out RegistrationRecord? record)
    {
        try
        {
            record = JsonSerializer.Deserialize(json, RegistrationJson.Shared.RegistrationRecord);
        }
        catch (JsonException)
        {
            record = null;
        }

        return record is not null;
    }
}

/// <summary>Client identity as JSON.</summary>
public sealed record RegisteredClient
{
    public required string Clientid { get; init; }
    public required string Username { get; init; }
    public required string Peerhost { get; init; }
    public required string Zone { get; init; }
    public required string Listener { get; init; }

    /// <summary>What DTLS has proven, as "psk:dev-1"; null where nothing was.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Identity { get; init; }

    public IReadOnlyDictionary<string, string> ClientAttrs { get; init; } = new Dictionary<string, string>();

    public static RegisteredClient From(ClientIdentity client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new RegisteredClient
        {
            Clientid = client.Clientid,
            Username = client.Username,
            Peerhost = client.Peerhost,
            Zone = client.Zone,
            Listener = client.Listener,
            Identity = client.Identity.Length > 0 ? client.Identity : null,
            ClientAttrs = client.ClientAttrs.ToDictionary(),
        };
    }

    public ClientIdentity ToIdentity()
    {
        var client = new ClientIdentity { Clientid = Clientid, Username = Username, Peerhost = Peerhost, Zone = Zone, Listener = Listener, Identity = Identity ?? "" };
        client.ClientAttrs.Add(ClientAttrs.ToDictionary());
        return client;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(RegistrationRecord))]
internal sealed partial class RegistrationJson : JsonSerializerContext
{
    // Names and endpoints are for people: no \u escapes for what JSON allows as it stands.
    public static readonly RegistrationJson Shared = new(new JsonSerializerOptions
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    });
}
