using System.Collections.Concurrent;
using System.Collections.Immutable;
using Contracts;
using Microsoft.Extensions.Logging;

namespace Egress.Relay;

/// <summary>The further command topics of clients, as the config topic has them. One thread writes, others look.</summary>
internal sealed partial class ExtraSubscriptions(EgressTelemetry telemetry, ILogger logger)
{
    /// <summary>Topics of all clients together.</summary>
    public const int Capacity = 10_000;

    // Told once, however often the topics are asked for.
    private readonly ConcurrentDictionary<string, bool> _unusable = new();
    private volatile ImmutableDictionary<string, IReadOnlyList<ExtraTopic>> _byClient = ImmutableDictionary<string, IReadOnlyList<ExtraTopic>>.Empty;
    private int _count;

    /// <summary>On the thread that writes; must not block.</summary>
    public event Action? Changed;

    public IReadOnlyDictionary<string, IReadOnlyList<ExtraTopic>> ByClient => _byClient;

    public bool Has(string clientid) => _byClient.ContainsKey(clientid);

    /// <summary>Takes a record of the config topic. Other keys than <c>subscriptions/CLIENTID</c> are passed over; what cannot be read changes nothing.</summary>
    public void Take(string key, byte[]? value)
    {
        if (!key.StartsWith(ExtraTopics.KeyPrefix, StringComparison.Ordinal))
        {
            return;
        }

        var clientid = key[ExtraTopics.KeyPrefix.Length..];
        var topics = new ExtraTopics();
        if (value is not null && !(ExtraTopics.TryParse(value, out var read) && (topics = read!) is not null))
        {
            Refuse(clientid, "unreadable", "the record cannot be read");
            return;
        }

        var before = _byClient.TryGetValue(clientid, out var known) ? known.Count : 0;
        if (_count - before + topics.Topics.Count > Capacity)
        {
            Refuse(clientid, "too many", $"there are {_count} of at most {Capacity}");
            return;
        }

        _unusable.Clear();
        _count += topics.Topics.Count - before;
        _byClient = topics.Topics.Count == 0 ? _byClient.Remove(clientid) : _byClient.SetItem(clientid, topics.Topics);
        Changed?.Invoke();
    }

    /// <summary>The topics of the devices that are registered, and may be subscribed to.</summary>
    public IReadOnlyList<DeviceTopic> Of(PrefixDirectory directory) =>
    [
        .. from client in _byClient
           from device in directory.OfClient(client.Key)
           where device.Prefix.AsSpan().IndexOfAny('+', '#') < 0
           from topic in client.Value
           let wanted = new DeviceTopic(device.Endpoint, device.Prefix, topic.Topic, Math.Clamp(topic.Qos, 1, 2))
           where IsUsable(client.Key, wanted)
           select wanted,
    ];

    // A shared subscription hands a command to somebody else.
    private bool IsUsable(string clientid, DeviceTopic topic)
    {
        if (TopicFilter.IsValid(topic.Filter) && !topic.Filter.StartsWith("$share/", StringComparison.Ordinal))
        {
            return true;
        }

        // As many as there are topics, for each device of the client: bounded by starting anew.
        if (_unusable.Count > Capacity)
        {
            _unusable.Clear();
        }

        if (_unusable.TryAdd(topic.Filter, true))
        {
            Refuse(clientid, "no filter", $"{topic.Filter} cannot be subscribed to");
        }

        return false;
    }

    private void Refuse(string clientid, string reason, string detail)
    {
        telemetry.SubscriptionRefused(reason);
        LogRefused(clientid, detail);
    }

    [LoggerMessage(50, LogLevel.Warning, "Command topics of client {ClientId} are not taken: {Reason}.")]
    private partial void LogRefused(string clientId, string reason);
}
