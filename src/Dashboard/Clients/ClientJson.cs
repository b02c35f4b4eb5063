using System.Globalization;
using System.Net;
using System.Text.Json;
using Contracts;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;

namespace Dashboard.Clients;

/// <summary>A client as EMQX shows it; what only we know stands behind that.</summary>
static class ClientJson
{
    static readonly string[] NotCounted =
    [
        "recv_oct", "recv_cnt", "recv_pkt", "recv_msg", "send_oct", "send_cnt", "send_pkt", "send_msg", "mailbox_len", "heap_size", "reductions",
    ];

    /// <param name="mountpoint">What its MQTT topics begin with.</param>
    /// <param name="subscriptions">Topics that commands for it are taken from.</param>
    /// <param name="commands">Commands without outcome.</param>
    public static void Write(Utf8JsonWriter json, RegistrationRecord client, string mountpoint, int subscriptions, int commands)
    {
        var peer = IPEndPoint.TryParse(client.Peer, out var parsed) ? parsed : new IPEndPoint(IPAddress.None, 0);
        var since = TimeOf(client.RegisteredAt);
        json.WriteStartObject();
        json.WriteString("endpoint_name", client.Endpoint);
        json.WriteNumber("lifetime", client.Lifetime);
        json.WriteString("node", NodeOf(client.Slot));
        json.WriteString("clientid", client.Client.Clientid);
        json.WriteString("username", client.Client.Username);
        json.WriteString("mountpoint", mountpoint);
        json.WriteString("proto_name", "LwM2M");
        json.WriteString("proto_ver", client.Lwm2mVersion);
        json.WriteString("ip_address", peer.Address.ToString());
        json.WriteNumber("port", peer.Port);
        json.WriteBoolean("is_bridge", false);
        json.WriteString("connected_at", since);
        json.WriteNull("disconnected_at");
        json.WriteBoolean("connected", true);
        json.WriteNumber("keepalive", client.RequestedLifetime ?? client.Lifetime);
        json.WriteBoolean("clean_start", true);
        json.WriteNumber("expiry_interval", 0);
        json.WriteString("created_at", since);
        json.WriteNumber("subscriptions_cnt", subscriptions);
        json.WriteString("subscriptions_max", "infinity");
        json.WriteNumber("inflight_cnt", 0);
        json.WriteString("inflight_max", "infinity");
        json.WriteNumber("mqueue_len", commands);
        json.WriteString("mqueue_max", "infinity");
        json.WriteNumber("mqueue_dropped", 0);
        json.WriteNumber("awaiting_rel_cnt", 0);
        json.WriteString("awaiting_rel_max", "infinity");
        // There for those who read them; nothing of a single client is counted.
        foreach (var name in NotCounted)
            json.WriteNumber(name, 0);
        WriteOurs(json, client);
        json.WriteEndObject();
    }

    /// <summary>Objects and object instances that it has registered, with their names.</summary>
    public static void WriteObjects(Utf8JsonWriter json, RegistrationRecord client, DefinitionView definitions)
    {
        json.WriteStartArray();
        foreach (var text in client.Objects)
        {
            json.WriteStartObject();
            json.WriteString("path", text);
            if (Lwm2mPath.TryParse(text, out var path) && path.Depth > 0)
            {
                json.WriteNumber("object", path.ObjectId);
                if (path.Depth > 1)
                    json.WriteNumber("instance", path.InstanceId);
                if (client.Versions.TryGetValue(path.ObjectId.ToString(CultureInfo.InvariantCulture), out var version))
                    json.WriteString("version", version);
                if (definitions.FindObject(path.ObjectId) is { } known)
                    json.WriteString("name", known.Name);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>"ingress/0", as in the instances topic.</summary>
    public static string NodeOf(int slot) => string.Create(CultureInfo.InvariantCulture, $"ingress/{slot}");

    /// <summary>RFC 3339, of Unix time in ms.</summary>
    public static string TimeOf(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(milliseconds, 0, 253_402_300_799_999))
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    static void WriteOurs(Utf8JsonWriter json, RegistrationRecord client)
    {
        json.WriteString("listener", client.Client.Listener);
        json.WriteString("zone", client.Client.Zone);
        json.WriteString("location", "/rd/" + client.RegistrationId);
        json.WriteString("updated_at", TimeOf(client.UpdatedAt));
        json.WriteString("binding", client.Binding);
        json.WriteBoolean("queue_mode", client.QueueMode);
        json.WriteString("alternate_path", client.AlternatePath);
        json.WriteNumber("objects_cnt", client.Objects.Count);
        json.WriteNumber("observations_cnt", client.Observations.Count);
    }
}
