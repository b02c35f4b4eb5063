using System.CommandLine;
using Contracts;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Tools.Commands;

/// <summary><c>lwm2m topics</c>: whether the topics are as the gateway needs them, without the gateway.</summary>
static class TopicsCommand
{
    const int Differs = 1;

    static readonly Option<string> Within = Duration.Option("--timeout", "How long to wait for Kafka at most.", "1m");
    static readonly Option<int?> Replicas = new("--replication-factor") { Description = "Copies of each topic; else kafka.replication_factor of the configuration." };
    static readonly RuleSwitches Switches = new("Configuration file of the gateway, for its section kafka; may be given several times.");

    public static Command Create()
    {
        return new Command("topics", "The topics of the gateway. The section kafka is also taken from the environment (KAFKA__SASL_PASSWORD=...).")
        {
            Verb("apply", "Create the topics that are missing. Nothing that is there is changed or deleted; what is otherwise is told.", creates: true),
            Verb("check", "Tell what is missing or otherwise, and change nothing.", creates: false),
        };
    }

    static Command Verb(string name, string description, bool creates)
    {
        var command = new Command(name, description + " Exit code 0: services start on them; 1: they would not, the reasons are told; 2: Kafka is not to be reached, or refuses.")
        {
            KafkaSwitches.Servers, KafkaSwitches.Prefix, Replicas, Within,
        };
        Switches.AddTo(command);
        command.SetAction((arguments, cancellation) => RunAsync(arguments, creates, cancellation));
        return command;
    }

    static async Task<int> RunAsync(ParseResult arguments, bool creates, CancellationToken cancellation)
    {
        var configured = Switches.Configuration(arguments).Kafka;
        var connection = KafkaSwitches.Connect(
            arguments, arguments.GetValue(Replicas) is { } replicas ? configured with { ReplicationFactor = replicas } : configured);
        var specs = new Topics(connection.Options.TopicPrefix).Specs(connection.Options, embedded: false);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(Duration.Get(arguments, Within)!.Value);
        try
        {
            return await ApplyAsync(connection, specs, creates, bound.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"Kafka at {connection.BootstrapServers} does not answer");
        }
    }

    static async Task<int> ApplyAsync(KafkaConnection connection, IReadOnlyList<TopicSpec> specs, bool creates, CancellationToken cancellation)
    {
        var report = await TopicProvisioning.InspectAsync(connection, specs, creates, NullLogger.Instance, cancellation);
        foreach (var made in report.Made)
            Console.WriteLine($"Topic {made.Name} is made, with {made.Partitions} partitions");
        foreach (var missing in report.Missing)
            Console.Error.WriteLine($"Topic {missing.Name} is missing, {missing.Partitions} partitions are wanted: lwm2m topics apply");
        foreach (var mismatch in report.Mismatches)
            Console.Error.WriteLine(mismatch);
        foreach (var drift in report.Drift)
            Console.WriteLine(drift);
        var fits = report.Missing.Count + report.Mismatches.Count == 0;
        if (fits)
            Console.WriteLine($"{specs.Count} topics {connection.Options.TopicPrefix}.* are there, and services start on them");
        return fits ? 0 : Differs;
    }
}
