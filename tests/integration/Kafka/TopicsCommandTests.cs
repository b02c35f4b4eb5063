using System.Diagnostics;
using Contracts;

namespace Pipeline.IntegrationTests.Kafka;

/// <summary><c>lwm2m topics</c> on a real Kafka.</summary>
public sealed class TopicsCommandTests(KafkaFixture kafka)
{
    [Fact]
    public async Task Missing_topics_are_made_and_what_is_otherwise_is_told_and_left_alone()
    {
        var connection = await kafka.ConnectAsync();
        var cluster = await kafka.RequireAsync();
        string[] target = ["--kafka", connection.BootstrapServers, "--prefix", connection.Options.TopicPrefix];

        var (code, said) = await ToolAsync(["topics", "check", .. target]);
        Assert.Equal(1, code);
        Assert.Equal(new Topics("t").Specs(connection.Options, embedded: false).Count, said.Split('\n').Count(line => line.Contains("is missing", StringComparison.Ordinal)));

        // KAFKA__ variables are heard, as by services.
        (code, said) = await ToolAsync(["topics", "apply", .. target], ("KAFKA__PARTITIONS", "3"), ("KAFKA__SLOTS", "2"));
        Assert.True(code == 0, said);
        Assert.Contains($"Topic {connection.Options.TopicPrefix}.uplink is made, with 3 partitions", said, StringComparison.Ordinal);
        Assert.Contains($"Topic {connection.Options.TopicPrefix}.downlink is made, with 2 partitions", said, StringComparison.Ordinal);

        // Kept longer than usual: that is an operator's right. Fewer partitions than are there: that is refused, and nothing shrinks.
        await cluster.ToolAsync(
            "configs", "--bootstrap-server", connection.BootstrapServers, "--alter", "--entity-type", "topics",
            "--entity-name", connection.Options.TopicPrefix + ".events", "--add-config", "retention.ms=1209600000");
        (code, said) = await ToolAsync(["topics", "check", .. target], ("KAFKA__PARTITIONS", "3"), ("KAFKA__SLOTS", "2"));
        Assert.True(code == 0, said);
        Assert.Contains("has retention.ms=1209600000, 604800000 is usual", said, StringComparison.Ordinal);
        (code, said) = await ToolAsync(["topics", "apply", "--replication-factor", "3", .. target], ("KAFKA__PARTITIONS", "2"), ("KAFKA__SLOTS", "2"));
        Assert.Equal(1, code);
        Assert.Contains("uplink has 3 partitions, 2 are wanted", said, StringComparison.Ordinal);
        Assert.Contains("uplink has 1 copies, kafka.replication_factor is 3", said, StringComparison.Ordinal);
        (code, _) = await ToolAsync(["topics", "check", .. target], ("KAFKA__PARTITIONS", "3"), ("KAFKA__SLOTS", "2"));
        Assert.Equal(0, code);
    }

    [Fact]
    public async Task Where_no_Kafka_answers_that_is_told_in_time()
    {
        var (code, said) = await ToolAsync(["topics", "apply", "--kafka", "127.0.0.1:1", "--timeout", "2s"]);
        Assert.Equal(2, code);
        Assert.Contains("Kafka at 127.0.0.1:1 does not answer", said, StringComparison.Ordinal);
    }

    // Before the first installation there is nothing to take back, and no topic to read.
    [Fact]
    public async Task A_wish_that_nobody_can_have_had_is_taken_back()
    {
        var connection = await kafka.ConnectAsync();
        var (code, said) = await ToolAsync(
            ["ingress", "drain", "--undo", "--kafka", connection.BootstrapServers, "--prefix", connection.Options.TopicPrefix], ("POD_NAME", "gw-ingress-3"));
        Assert.True(code == 0, said);
        Assert.Contains("slot 3", said, StringComparison.Ordinal);
    }

    static async Task<(int Code, string Said)> ToolAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var tool = Path.Combine(folder.Parent!.Parent!.FullName, "lwm2m", folder.Name, "lwm2m.dll");
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [tool, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await error);
    }
}
