using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Contracts;
using Microsoft.Extensions.Logging;

namespace Messaging;

/// <summary>Makes sure that the topics exist as they must. Several processes may do so at once.</summary>
public static class TopicProvisioning
{
    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_brokersComeWithin = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Creates what is missing and checks partitions, cleanup policy and record size of what is there. Waits for brokers that are away
    /// until cancelled. On the embedded broker there is nothing to do: its owner has made the topics.
    /// </summary>
    /// <exception cref="TopicMismatchException">A topic is otherwise; all of them are named, each with the command that mends
    /// it.</exception>
    /// <exception cref="KafkaException">Kafka refuses (rights, replication factor).</exception>
    public static async Task EnsureAsync(KafkaConnection connection, IReadOnlyList<TopicSpec> topics, ILogger logger, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (connection.Embedded)
        {
            return;
        }

        using var admin = Connect(connection, logger);
        var found = await FindAsync(admin, topics, logger, ct);
        var missing = topics.Where(topic => !found.ContainsKey(topic.Name)).ToArray();
        if (missing.Length > 0)
        {
            await CreateAsync(admin, missing, (short)connection.Options.ReplicationFactor, logger, ct);
            while ((found = await FindAsync(admin, topics, logger, ct)).Count < topics.Count)
            {
                await Task.Delay(s_pause, ct); // created, but not known to every broker yet
            }
        }

        var settings = await SettingsAsync(admin, topics, logger, ct);
        var mismatches = topics
            .SelectMany(topic => Mismatches(topic, found[topic.Name].Partitions.Count, settings[topic.Name], connection.BootstrapServers))
            .ToArray();
        if (mismatches.Length > 0)
        {
            throw new TopicMismatchException(string.Join(Environment.NewLine, mismatches));
        }
    }

    /// <summary>Looks at the topics and changes none that is there. Waits for brokers that are away until cancelled.</summary>
    /// <param name="creates">Create what is missing first.</param>
    /// <exception cref="IOException">Kafka refuses (rights, replication factor).</exception>
    public static async Task<TopicReport> InspectAsync(
        KafkaConnection connection, IReadOnlyList<TopicSpec> topics, bool creates, ILogger logger, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(topics);
        try
        {
            using var admin = Connect(connection, logger);
            var found = await FindAsync(admin, topics, logger, ct);
            var missing = topics.Where(topic => !found.ContainsKey(topic.Name)).ToArray();
            if (creates && missing.Length > 0)
            {
                await EnsureAsync(connection, missing, logger, ct);
                found = await FindAsync(admin, topics, logger, ct);
            }

            var known = topics.Where(topic => found.ContainsKey(topic.Name)).ToArray();
            var settings = known.Length == 0 ? [] : await SettingsAsync(admin, known, logger, ct);
            return new TopicReport(
                creates ? missing : [],
                [.. topics.Except(known)],
                [.. known.SelectMany(topic => Mismatches(topic, found[topic.Name].Partitions.Count, settings[topic.Name], connection.BootstrapServers))],
                [.. known.SelectMany(topic => Drift(topic, found[topic.Name], settings[topic.Name], connection))]);
        }
        catch (KafkaException exception)
        {
            throw new IOException($"Kafka at {connection.BootstrapServers} refuses: {exception.Error.Reason}", exception);
        }
    }

    private static IAdminClient Connect(KafkaConnection connection, ILogger logger)
    {
        var log = new ClientLog(logger, "topics");
        return new AdminClientBuilder(ClientSettings.Admin(connection, "topics"))
            .SetErrorHandler((_, error) => log.Error(error))
            .SetLogHandler((_, message) => log.Message(message))
            .Build();
    }

    private static Task<Dictionary<string, TopicDescription>> FindAsync(
        IAdminClient admin, IReadOnlyList<TopicSpec> topics, ILogger logger, CancellationToken ct) =>
        RetryAsync(async () =>
        {
            List<TopicDescription> descriptions;
            try
            {
                var result = await admin.DescribeTopicsAsync(
                    TopicCollection.OfTopicNames(topics.Select(topic => topic.Name)),
                    new DescribeTopicsOptions { RequestTimeout = s_answerTime });
                descriptions = result.TopicDescriptions;
            }
            catch (DescribeTopicsException exception)
            {
                descriptions = exception.Results.TopicDescriptions;
            }

            var found = new Dictionary<string, TopicDescription>();
            foreach (var topic in descriptions)
            {
                if (!topic.Error.IsError)
                {
                    found[topic.Name] = topic;
                }
                else if (topic.Error.Code != ErrorCode.UnknownTopicOrPart)
                {
                    throw new KafkaException(topic.Error);
                }
            }

            return found;
        }, logger, ct);

    private static Task<bool> CreateAsync(IAdminClient admin, TopicSpec[] missing, short replicas, ILogger logger, CancellationToken ct) =>
        RetryAsync(async () =>
        {
            try
            {
                await admin.CreateTopicsAsync(
                    missing.Select(topic => new TopicSpecification
                    {
                        Name = topic.Name,
                        NumPartitions = topic.Partitions,
                        ReplicationFactor = replicas,
                        Configs = new Dictionary<string, string>(topic.Settings) { ["cleanup.policy"] = Policy(topic) },
                    }),
                    new CreateTopicsOptions { RequestTimeout = s_answerTime, OperationTimeout = s_answerTime });
            }
            catch (CreateTopicsException exception)
            {
                // Somebody else who starts now may have been quicker.
                var failed = exception.Results.FirstOrDefault(
                    result => result.Error.IsError && result.Error.Code != ErrorCode.TopicAlreadyExists);
                if (failed is not null)
                {
                    throw new KafkaException(
                        new Error(failed.Error.Code, $"Topic {failed.Topic} cannot be created: {failed.Error.Reason}"));
                }
            }

            foreach (var topic in missing)
            {
                logger.TopicCreated(topic.Name, topic.Partitions);
            }

            return true;
        }, logger, ct);

    private static Task<Dictionary<string, Dictionary<string, ConfigEntryResult>>> SettingsAsync(
        IAdminClient admin, IReadOnlyList<TopicSpec> topics, ILogger logger, CancellationToken ct) =>
        RetryAsync(async () =>
        {
            var results = await admin.DescribeConfigsAsync(
                topics.Select(topic => new ConfigResource { Type = ResourceType.Topic, Name = topic.Name }),
                new DescribeConfigsOptions { RequestTimeout = s_answerTime });
            return results.ToDictionary(result => result.ConfigResource.Name, result => result.Entries);
        }, logger, ct);

    private static IEnumerable<string> Mismatches(
        TopicSpec topic, int partitions, Dictionary<string, ConfigEntryResult> settings, string servers)
    {
        if (partitions < topic.Partitions)
        {
            yield return $"Topic {topic.Name} has {partitions} partitions, {topic.Partitions} are wanted. If it is still empty: "
                + $"kafka-topics.sh --bootstrap-server {servers} --alter --topic {topic.Name} --partitions {topic.Partitions} "
                + $"(with records in it, keys would change their partitions: set kafka.partitions or kafka.slots to {partitions} instead)";
        }
        else if (partitions > topic.Partitions)
        {
            yield return $"Topic {topic.Name} has {partitions} partitions, {topic.Partitions} are wanted. "
                + $"Set kafka.partitions or kafka.slots to {partitions}; or, if its records may go: kafka-topics.sh --bootstrap-server {servers} --delete --topic {topic.Name}";
        }

        if (Found("cleanup.policy") is var policy && policy != Policy(topic))
        {
            yield return $"Topic {topic.Name} has cleanup.policy={policy}, {Policy(topic)} is wanted: "
                + Alter(topic, $"cleanup.policy={Policy(topic)}", servers);
        }

        if (topic.Settings.TryGetValue("max.message.bytes", out var wanted)
            && Found("max.message.bytes") is var size && Number(size) < Number(wanted))
        {
            yield return $"Topic {topic.Name} has max.message.bytes={size}, {wanted} is wanted: " + Alter(topic, $"max.message.bytes={wanted}", servers);
        }

        string Found(string name) => Value(settings, name);
    }

    // What works, but is not what we would make: an operator may have wanted it so.
    private static IEnumerable<string> Drift(
        TopicSpec topic, TopicDescription found, Dictionary<string, ConfigEntryResult> settings, KafkaConnection connection)
    {
        var fewest = found.Partitions.Count == 0 ? 0 : found.Partitions.Min(partition => partition.Replicas.Count);
        if (fewest != connection.Options.ReplicationFactor)
        {
            yield return $"Topic {topic.Name} has {fewest} copies, kafka.replication_factor is {connection.Options.ReplicationFactor}: kafka-reassign-partitions.sh changes that";
        }

        foreach (var (name, wanted) in topic.Settings)
        {
            if (Value(settings, name) is var value && value != wanted && !(name == "max.message.bytes" && Number(value) < Number(wanted)))
            {
                yield return $"Topic {topic.Name} has {name}={value}, {wanted} is usual: " + Alter(topic, $"{name}={wanted}", connection.BootstrapServers);
            }
        }
    }

    private static string Value(Dictionary<string, ConfigEntryResult> settings, string name) =>
        settings.TryGetValue(name, out var entry) ? entry.Value : "(unknown)";

    private static string Alter(TopicSpec topic, string setting, string servers) =>
        $"kafka-configs.sh --bootstrap-server {servers} --alter --entity-type topics --entity-name {topic.Name} --add-config {setting}";

    private static string Policy(TopicSpec topic) => topic.Cleanup == CleanupPolicy.Compact ? "compact" : "delete";

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;

    // A cluster that starts has fewer brokers for a while than the topics want copies; one that is too small has them for ever.
    private static bool IsPassing(Error error, bool waited) =>
        error.IsLocalError
        || error.Code is ErrorCode.LeaderNotAvailable or ErrorCode.UnknownTopicOrPart
        || (error.Code == ErrorCode.InvalidReplicationFactor && !waited);

    private static async Task<T> RetryAsync<T>(Func<Task<T>> act, ILogger logger, CancellationToken ct)
    {
        var until = Environment.TickCount64 + (long)s_brokersComeWithin.TotalMilliseconds;
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                return await act();
            }
            catch (KafkaException exception)
                when (IsPassing(exception.Error, waited: Environment.TickCount64 >= until))
            {
                logger.ClientWarning("topics", exception.Error.Reason);
                await Task.Delay(s_pause, ct);
            }
        }
    }
}
