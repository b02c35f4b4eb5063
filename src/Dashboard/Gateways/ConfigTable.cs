using System.Text.Json.Nodes;
using Dashboard.Http;

namespace Dashboard.Gateways;

/// <summary>What has been changed at run time, as of what has been read of the config topic: JSON objects by section. Thread-safe.</summary>
sealed class ConfigTable
{
    /// <summary>The section that EMQX's API changes.</summary>
    public const string Lwm2m = "gateway.lwm2m";

    const string SubscriptionsPrefix = "subscriptions/";

    readonly Lock _gate = new();
    readonly Dictionary<string, JsonObject> _sections = [];

    public static string SubscriptionsOf(string clientId) => SubscriptionsPrefix + clientId;

    /// <summary>Null is a tombstone. False: the record is none.</summary>
    public bool Fold(string section, byte[]? value)
    {
        JsonObject? json = null;
        if (value is not null && !ApiBody.TryParse(value, out json, out _))
            return false;
        lock (_gate)
        {
            if (json is null)
                _sections.Remove(section);
            else
                _sections[section] = json;
        }

        return true;
    }

    /// <summary>A copy; null where nothing of the section has been changed.</summary>
    public JsonObject? Find(string section)
    {
        lock (_gate)
            return _sections.GetValueOrDefault(section)?.DeepClone().AsObject();
    }

    /// <summary>Topics, below the mountpoint, that commands for the client are taken from beside the usual one.</summary>
    public IReadOnlyList<(string Topic, int Qos)> Subscriptions(string clientId)
    {
        lock (_gate)
            return _sections.TryGetValue(SubscriptionsOf(clientId), out var section) ? Topics(section) : [];
    }

    public int CountOfSubscriptions(string clientId) => Subscriptions(clientId).Count;

    static List<(string Topic, int Qos)> Topics(JsonObject section)
    {
        var topics = new List<(string, int)>();
        foreach (var item in section["topics"] as JsonArray ?? [])
        {
            if (item is JsonObject entry && entry["topic"] is JsonValue topic && topic.TryGetValue<string>(out var name))
                topics.Add((name, entry["qos"] is JsonValue qos && qos.TryGetValue<int>(out var number) ? number : 0));
        }

        return topics;
    }
}
