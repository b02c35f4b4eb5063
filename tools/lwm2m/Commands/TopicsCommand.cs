using System.CommandLine;
using System.Text.Json;
using Contracts;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using Tools.Output;

namespace Tools.Commands;

/// <summary><c>lwm2m topics</c>: whether the topics are as the gateway needs them, without the gateway.</summary>
static class TopicsCommand
{
    const int Differs = 1;

    static readonly Option<string> Within = Duration.Option("--timeout", "How long to wait for Kafka at most.", "1m");
    static readonly Option<int?> Replicas = new("--replication-factor") { Description = "Copies of each topic; else kafka.replication_factor of the configuration." };
    static readonly Option<bool> AsJson = new("--json") { Description = "Say how things stand as one line of JSON, and nothing else." };
    static readonly RuleSwitches Switches = new("Configuration file of the gateway, for its section kafka; may be given several times.");

    public static Command Create()
    {
        return new Command("topics", """
            The topics of the gateway. The section kafka is also taken from the environment (KAFKA__SASL_PASSWORD=...).

            Examples:
              lwm2m topics apply -k localhost:9092 --replication-factor 1
              lwm2m topics check --config gateway.conf
            """)
        {
            Verb("apply", """
                Create the topics that are missing. Nothing that is there is changed or deleted; what is otherwise is told.

                Examples:
                  lwm2m topics apply -k localhost:9092 --replication-factor 1
                  lwm2m topics apply --config gateway.conf --timeout 5m
                """, creates: true),
            Verb("check", """
                Tell what is missing or otherwise, and change nothing.

                Examples:
                  lwm2m topics check -k localhost:9092
                  lwm2m topics check --config gateway.conf --json
                """, creates: false),
        };
    }

    static Command Verb(string name, string description, bool creates)
    {
        var command = new Command(name, description + "\n\nExit code: 0 services start on them, 1 they would not, the reasons are told, 2 Kafka is not to be reached, or refuses.")
        {
            KafkaSwitches.Servers, KafkaSwitches.Prefix, Replicas, Within, AsJson,
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
            var report = await TopicProvisioning.InspectAsync(connection, specs, creates, NullLogger.Instance, bound.Token);
            if (arguments.GetValue(AsJson))
                Console.WriteLine(Json(report));
            else
                Tell(report, specs.Count, connection.Options.TopicPrefix);
            return Fits(report) ? 0 : Differs;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"Kafka at {connection.BootstrapServers} does not answer");
        }
    }

    static bool Fits(TopicReport report) => report.Missing.Count + report.Mismatches.Count == 0;

    internal static string Json(TopicReport report) => JsonSerializer.Serialize(
        new
        {
            Fits = Fits(report),
            Made = report.Made.Select(topic => topic.Name),
            Missing = report.Missing.Select(topic => topic.Name),
            report.Mismatches,
            report.Drift,
        }, OutputJson.Line);

    static void Tell(TopicReport report, int wanted, string prefix)
    {
        foreach (var made in report.Made)
            Console.WriteLine($"Topic {made.Name} is made, with {made.Partitions} partitions");
        foreach (var missing in report.Missing)
            Console.Error.WriteLine($"Topic {missing.Name} is missing, {missing.Partitions} partitions are wanted: lwm2m topics apply");
        foreach (var mismatch in report.Mismatches)
            Console.Error.WriteLine(mismatch);
        foreach (var drift in report.Drift)
            Console.WriteLine(drift);
        if (Fits(report))
            Console.WriteLine($"{wanted} topics {prefix}.* are there, and services start on them");
    }
}
