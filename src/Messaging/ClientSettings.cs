using System.Globalization;

namespace Messaging;

/// <summary>
/// What librdkafka is told. Three layers: ours to tune, <c>kafka.client</c>, and what the delivery rules rest on and nobody may change.
/// </summary>
internal static class ClientSettings
{
    /// <summary>Largest request that is sent; equals <c>max.message.bytes</c> of the topics.</summary>
    public const int MaxMessageBytes = 6 * 1024 * 1024;

    private const int LongestJoinMs = 30_000;

    /// <summary>A batch on the embedded broker is no longer than this, unless it is a single record.</summary>
    public const int EmbeddedBatchBytes = 512 * 1024;

    /// <summary>
    /// Of the producer. The queue limits are twice those that <see cref="LogProducer"/> keeps itself, so that they are never met.
    /// </summary>
    public static Dictionary<string, string> Producer(KafkaConnection connection, string clientId)
    {
        var settings = Shared(connection, clientId);
        // Requests cost more than records, on both sides: at 2 000 records/s on two cores p99 to MQTT is a third of that with 1 ms.
        settings["linger.ms"] = "5";
        settings["compression.type"] = connection.Embedded ? "none" : "lz4";
        settings["message.timeout.ms"] = "300000"; // longer than EXCHANGE_LIFETIME: a late acknowledgement is still of use
        settings["message.max.bytes"] = Text(MaxMessageBytes);
        settings["queue.buffering.max.messages"] = Text(2 * LogProducer.MaxQueuedRecords);
        settings["queue.buffering.max.kbytes"] = Text(2 * LogProducer.MaxQueuedBytes / 1024);
        Override(settings, connection);
        if (connection.Embedded)
        {
            settings["batch.size"] = Text(EmbeddedBatchBytes); // UnreadBudget counts on it
        }

        settings["acks"] = "all";
        settings["enable.idempotence"] = "true";
        settings["partitioner"] = "murmur2_random";
        settings["dotnet.producer.delivery.report.fields"] = "none";
        settings["statistics.interval.ms"] = Text((int)(connection.Patience.StandsStill / 6).TotalMilliseconds); // for ProducerWatch
        return settings;
    }

    /// <summary>Of a producer that writes in transactions. What one left behind is aborted after so long, if nobody with its id begins anew.</summary>
    public static Dictionary<string, string> Transactional(KafkaConnection connection, string clientId, string transactionalId)
    {
        var settings = Producer(connection, clientId);
        settings.TryAdd("transaction.timeout.ms", "10000"); // as the session of a member: readers wait so long for the dead
        settings["message.timeout.ms"] = settings["transaction.timeout.ms"];
        settings["transactional.id"] = transactionalId;
        return settings;
    }

    /// <summary>Of a reader without a group. The group id is never joined, but the client wants one.</summary>
    public static Dictionary<string, string> Reader(KafkaConnection connection, string clientId)
    {
        var settings = Consumer(connection, clientId);
        Override(settings, connection);
        Fix(settings, $"{connection.Options.TopicPrefix}.{clientId}");
        settings["enable.auto.commit"] = "false";
        settings["enable.partition.eof"] = "true"; // tells the position behind control records
        return settings;
    }

    /// <summary>Of a member of a consumer group.</summary>
    public static Dictionary<string, string> Member(KafkaConnection connection, string group, string clientId)
    {
        var settings = Consumer(connection, clientId);
        if (!connection.Embedded)
        {
            // The same for fetches: under load one every 10 ms, with what has come.
            settings["fetch.min.bytes"] = "100000";
            settings["fetch.wait.max.ms"] = "10";
        }

        // Rebalances on the embedded broker last a session time-out less one second; on Kafka it says how long a dead member blocks its
        // partitions.
        settings["session.timeout.ms"] = connection.Embedded ? "3000" : "10000";
        settings["heartbeat.interval.ms"] = connection.Embedded ? "300" : "1000";
        settings["auto.commit.interval.ms"] = "250";
        Override(settings, connection);
        // A member polls all the time, whatever happens to its records. So long it waits for the answer to a JoinGroup, too, and a coordinator that
        // reloads its log after a crash (Kafka 4.1) may have forgotten the question.
        settings.TryAdd("max.poll.interval.ms", int.TryParse(settings["session.timeout.ms"], out var session) && session > LongestJoinMs ? Text(session) : Text(LongestJoinMs));
        Fix(settings, group);
        settings["enable.auto.commit"] = "true"; // of the offsets that we store: the contiguous prefix
        settings["group.protocol"] = "classic";
        settings["partition.assignment.strategy"] = "range"; // equal partitions of several topics stay together
        return settings;
    }

    /// <summary>Of the client that looks at topics and makes them.</summary>
    public static Dictionary<string, string> Admin(KafkaConnection connection, string clientId)
    {
        var settings = Shared(connection, clientId);
        Override(settings, connection);
        return settings;
    }

    private static Dictionary<string, string> Consumer(KafkaConnection connection, string clientId)
    {
        var settings = Shared(connection, clientId);
        // The embedded broker lets an empty fetch wait its full time, Kafka wakes it. Kafka's is short because an added or resumed
        // partition waits for it.
        settings["fetch.wait.max.ms"] = connection.Embedded ? "5" : "100";
        settings["fetch.error.backoff.ms"] = "50";
        // Little is fetched ahead: a pause throws it away, and memory is bounded by it.
        settings["queued.min.messages"] = "2000";
        settings["queued.max.messages.kbytes"] = "16384";
        settings["fetch.queue.backoff.ms"] = "5";
        settings["allow.auto.create.topics"] = "false";
        return settings;
    }

    private static Dictionary<string, string> Shared(KafkaConnection connection, string clientId)
    {
        var settings = new Dictionary<string, string>
        {
            ["client.id"] = clientId,
            ["reconnect.backoff.ms"] = "100",
            ["reconnect.backoff.max.ms"] = "1000",
            ["socket.keepalive.enable"] = "true",
            ["log.connection.close"] = "false",
        };
        if (connection.Embedded)
        {
            // Its address never changes: there is nothing to learn anew when it was away.
            settings["metadata.recovery.strategy"] = "none";
        }

        var options = connection.Options;
        Set(settings, "security.protocol", options.SecurityProtocol);
        Set(settings, "sasl.mechanism", options.SaslMechanism);
        Set(settings, "sasl.username", options.SaslUsername);
        Set(settings, "sasl.password", options.SaslPassword);
        Set(settings, "ssl.ca.location", options.SslCaLocation);
        Set(settings, "ssl.certificate.location", options.SslCertificateLocation);
        Set(settings, "ssl.key.location", options.SslKeyLocation);
        Set(settings, "ssl.key.password", options.SslKeyPassword);
        return settings;
    }

    private static void Set(Dictionary<string, string> settings, string name, string? value)
    {
        if (value is not null)
        {
            settings[name] = value;
        }
    }

    private static void Override(Dictionary<string, string> settings, KafkaConnection connection)
    {
        foreach (var (name, value) in connection.Options.Client)
        {
            settings[name] = value;
        }

        settings["bootstrap.servers"] = connection.BootstrapServers;
    }

    private static void Fix(Dictionary<string, string> settings, string group)
    {
        settings["group.id"] = group;
        settings["isolation.level"] = "read_committed"; // OffsetClient counts on it
        settings["auto.offset.reset"] = "error";
        settings["enable.auto.offset.store"] = "false";
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
