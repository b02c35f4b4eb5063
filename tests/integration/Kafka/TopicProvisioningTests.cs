using System.Globalization;
using Contracts;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Pipeline.IntegrationTests.Kafka;

public sealed class TopicProvisioningTests(KafkaFixture kafka)
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_topics_are_made_with_their_settings_also_by_several_at_once()
    {
        var connection = await kafka.ConnectAsync();
        var specs = new Topics(connection.Options.TopicPrefix).Specs(connection.Options, embedded: false);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => EnsureAsync(connection, specs)));

        var cluster = await kafka.RequireAsync();
        var described = await cluster.ToolAsync("topics", "--bootstrap-server", connection.BootstrapServers, "--describe");
        foreach (var spec in specs)
        {
            var line = described.Split('\n').Single(line => line.StartsWith($"Topic: {spec.Name}\t", StringComparison.Ordinal));
            Assert.Contains($"PartitionCount: {spec.Partitions}\t", line, StringComparison.Ordinal);
            var policy = spec.Cleanup == CleanupPolicy.Compact ? "compact" : "delete";
            foreach (var (name, value) in spec.Settings.Append(new("cleanup.policy", policy)))
            {
                Assert.Contains($"{name}={value}", line, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Each_mismatch_is_told_with_the_command_that_mends_it()
    {
        var connection = await kafka.ConnectAsync();
        var prefix = connection.Options.TopicPrefix;
        await EnsureAsync(connection, [
            Spec(prefix + ".fewer", 2, CleanupPolicy.Delete),
            Spec(prefix + ".more", 6, CleanupPolicy.Delete),
            Spec(prefix + ".policy", 4, CleanupPolicy.Delete),
            Spec(prefix + ".size", 4, CleanupPolicy.Delete, 1000),
            Spec(prefix + ".good", 4, CleanupPolicy.Compact),
        ]);
        var wanted = new[]
        {
            Spec(prefix + ".fewer", 4, CleanupPolicy.Delete),
            Spec(prefix + ".more", 4, CleanupPolicy.Delete),
            Spec(prefix + ".policy", 4, CleanupPolicy.Compact),
            Spec(prefix + ".size", 4, CleanupPolicy.Delete),
            Spec(prefix + ".good", 4, CleanupPolicy.Compact),
        };

        var exception = await Assert.ThrowsAsync<TopicMismatchException>(() => EnsureAsync(connection, wanted));
        var lines = exception.Message.Split(Environment.NewLine);
        Assert.Equal(4, lines.Length);
        Assert.Contains("fewer has 2 partitions, 4 are wanted", lines[0], StringComparison.Ordinal);
        Assert.Contains("more has 6 partitions, 4 are wanted", lines[1], StringComparison.Ordinal);
        Assert.Contains("policy has cleanup.policy=delete, compact is wanted", lines[2], StringComparison.Ordinal);
        Assert.Contains("size has max.message.bytes=1000", lines[3], StringComparison.Ordinal);

        // The commands do as they say; what has too many partitions loses its records.
        var cluster = await kafka.RequireAsync();
        foreach (var (line, tool) in lines.Zip(["topics", "topics", "configs", "configs"]))
        {
            var command = line[(line.IndexOf(".sh ", StringComparison.Ordinal) + 4)..].Split(" (")[0];
            await cluster.ToolAsync([tool, .. command.Split(' ')]);
        }

        await EnsureAsync(connection, wanted);
    }

    [Fact]
    public async Task A_replication_factor_that_the_cluster_cannot_give_is_told()
    {
        var connection = await kafka.ConnectAsync();
        var greedy = connection with { Options = connection.Options with { ReplicationFactor = 3 } };
        var exception = await Assert.ThrowsAsync<Confluent.Kafka.KafkaException>(
            () => EnsureAsync(greedy, [Spec(connection.Options.TopicPrefix + ".greedy", 1, CleanupPolicy.Delete)]));
        Assert.Contains("greedy cannot be created", exception.Message, StringComparison.Ordinal);
    }

    private Task EnsureAsync(KafkaConnection connection, IReadOnlyList<TopicSpec> specs) =>
        TopicProvisioning.EnsureAsync(connection, specs, NullLogger.Instance, _ct).WaitAsync(TimeSpan.FromSeconds(60), _ct);

    internal static TopicSpec Spec(string name, int partitions, CleanupPolicy cleanup, int maxMessageBytes = 6291456) => new()
    {
        Name = name,
        Partitions = partitions,
        Cleanup = cleanup,
        Settings = new Dictionary<string, string> { ["max.message.bytes"] = maxMessageBytes.ToString(CultureInfo.InvariantCulture) },
    };
}
