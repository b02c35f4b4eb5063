using System.Text.Json.Nodes;
using Contracts;
using Dashboard.Http;

namespace Dashboard.Gateways;

/// <summary>What has been changed at run time, as of what has been read of the config topic: sections, and topics of clients. Thread-safe.</summary>
sealed class ConfigTable
{
    /// <summary>The section that EMQX's API changes.</summary>
    public const string Lwm2m = "gateway.lwm2m";

    readonly Lock _gate = new();
    readonly Dictionary<string, JsonObject> _sections = [];
    readonly Dictionary<string, IReadOnlyList<ExtraTopic>> _topics = [];
    readonly Dictionary<string, EndpointWish> _wishes = [];

    /// <summary>Null is a tombstone. False: the record is none.</summary>
    public bool Fold(string key, byte[]? value)
    {
        lock (_gate)
        {
            if (key.StartsWith(ExtraTopics.KeyPrefix, StringComparison.Ordinal))
                return FoldTopics(key[ExtraTopics.KeyPrefix.Length..], value);
            if (key is CaptureWish.Key or WatchWish.Key)
                return FoldWish(key, value);
            JsonObject? json = null;
            if (value is not null && !ApiBody.TryParse(value, out json, out _))
                return false;
            if (json is null)
                _sections.Remove(key);
            else
                _sections[key] = json;
            return true;
        }
    }

    /// <summary>A copy; null where nothing of the section has been changed.</summary>
    public JsonObject? Find(string section)
    {
        lock (_gate)
            return _sections.GetValueOrDefault(section)?.DeepClone().AsObject();
    }

    /// <summary>Topics, below the mountpoint, that commands for the client are taken from beside the usual one.</summary>
    public IReadOnlyList<ExtraTopic> TopicsOf(string clientId)
    {
        lock (_gate)
            return _topics.GetValueOrDefault(clientId) ?? [];
    }

    /// <summary>The last wish of that kind, perhaps one whose time is over.</summary>
    public EndpointWish? WishOf(string key)
    {
        lock (_gate)
            return _wishes.GetValueOrDefault(key);
    }

    bool FoldWish(string key, byte[]? value)
    {
        EndpointWish? wish = null;
        if (value is not null && !EndpointWish.TryParse(value, out wish))
            return false;
        if (wish is null)
            _wishes.Remove(key);
        else
            _wishes[key] = wish;
        return true;
    }

    bool FoldTopics(string clientId, byte[]? value)
    {
        ExtraTopics? record = null;
        if (value is not null && !ExtraTopics.TryParse(value, out record))
            return false;
        if (record is null)
            _topics.Remove(clientId);
        else
            _topics[clientId] = record.Topics;
        return true;
    }
}
