using System.Diagnostics;
using System.Globalization;
using System.Text;
using Contracts;
using Messaging;
using Microsoft.Extensions.Logging;

namespace Egress.Relay;

/// <summary>Turns MQTT messages into records of the commands topic, one for each device that has the prefix, in the order in which they come. Called by one at a time.</summary>
internal sealed partial class CommandIntake(
    IAppender appender, string topic, PrefixDirectory directory, RecentCommands recent, Func<Task<bool>> readToEnd,
    EgressTelemetry telemetry, TimeProvider time, ILogger logger, CancellationToken term)
{
    private readonly Lock _gate = new();

    /// <summary>Hands the records to Kafka. They have their place in the order when the outer task is done, and are durable when the returned one is.</summary>
    public async Task<Intake> TakeAsync(IncomingCommand command, CommandTopics topics, CancellationToken ct)
    {
        var split = topics.Split(command.Topic);
        var endpoints = new SortedSet<string>(topics.Further(command.Topic), StringComparer.Ordinal);
        if (split.Count == 0 && endpoints.Count == 0)
        {
            telemetry.Ignored("not a command topic");
            return Intake.Nothing;
        }

        var intake = new Intake();
        foreach (var endpoint in await EndpointsAsync(split, endpoints, command.Topic))
        {
            await TakeAsync(command, endpoint, intake, ct);
        }

        return intake;
    }

    /// <summary>The PUBACK of this has gone out.</summary>
    public void Acknowledged(Intake intake)
    {
        var now = Now;
        lock (_gate)
        {
            foreach (var (fingerprint, _) in intake.Commands)
            {
                recent.Acknowledged(fingerprint, now);
            }

            recent.Forget(now);
        }
    }

    /// <summary>A connection has been made.</summary>
    public void Connected(bool sessionPresent)
    {
        lock (_gate)
        {
            recent.Reconnected(sessionPresent, Now);
        }
    }

    /// <summary>The connection has just been lost.</summary>
    public void Disconnected()
    {
        lock (_gate)
        {
            recent.Forget(Now);
        }
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task TakeAsync(IncomingCommand command, string endpoint, Intake intake, CancellationToken ct)
    {
        var fingerprint = command.FingerprintFor(endpoint);
        lock (_gate)
        {
            if (command.Redelivered && recent.TryFind(fingerprint, out var known))
            {
                telemetry.Redelivered.Add(1);
                intake.Add(fingerprint, known?.Written ?? Task.CompletedTask);
                return;
            }
        }

        var id = RelayedId.Of(fingerprint, Random.Shared.NextInt64());
        var trace = command.TraceParent;
        var span = telemetry.Trail.BeginOrContinue("relay", ActivityKind.Consumer, ref trace, endpoint);
        var record = new RelayedCommand { Key = Encoding.UTF8.GetBytes(endpoint), Value = command.Payload, Headers = Headers(command, id, trace), Span = span };
        if (!await record.HandAsync(appender, topic, time, ct, term))
        {
            telemetry.TooLarge.Add(1);
            LogTooLarge(command.Topic, command.Payload.Length);
        }

        telemetry.Relayed.Add(1);
        LogRelayed(command.Topic, endpoint, id);
        if (telemetry.Trail.IsWatched(endpoint))
        {
            telemetry.Trail.Tell(endpoint, trace, $"a command came on {command.Topic} and is on its way to Kafka as {id}");
        }

        lock (_gate)
        {
            recent.Add(fingerprint, record);
        }

        intake.Add(fingerprint, record.Written);
    }

    private async Task<IReadOnlyCollection<string>> EndpointsAsync(
        IReadOnlyList<(string Prefix, string Name)> split, SortedSet<string> endpoints, string mqttTopic)
    {
        for (var read = 0; ; read++)
        {
            foreach (var (prefix, _) in split)
            {
                directory.Find(prefix, endpoints);
            }

            if (endpoints.Count > 0)
            {
                return endpoints;
            }

            if (read > 0)
            {
                break;
            }

            if (!await readToEnd())
            {
                LogCannotRead(mqttTopic);
            }
        }

        telemetry.UnknownPrefix.Add(1);
        return [split[0].Name];
    }

    private static RecordHeader[] Headers(IncomingCommand command, string id, string trace)
    {
        var headers = new List<RecordHeader>(6)
        {
            new(CommandHeaders.CommandId, Encoding.UTF8.GetBytes(id)),
            new(CommandHeaders.MqttTopic, Encoding.UTF8.GetBytes(command.Topic)),
        };
        if (command.ResponseTopic is { Length: > 0 } responseTopic)
        {
            headers.Add(new(CommandHeaders.ResponseTopic, Encoding.UTF8.GetBytes(responseTopic)));
        }

        if (command.CorrelationData is { Length: > 0 } correlation)
        {
            headers.Add(new(CommandHeaders.CorrelationData, correlation));
        }

        if (command.ExpiresAt is { } expiresAt)
        {
            headers.Add(new(CommandHeaders.ExpiresAt, Encoding.UTF8.GetBytes(expiresAt.ToString(CultureInfo.InvariantCulture))));
        }

        if (trace.Length > 0)
        {
            headers.Add(new(CommandHeaders.TraceParent, Encoding.ASCII.GetBytes(trace)));
        }

        return [.. headers];
    }

    [LoggerMessage(30, LogLevel.Debug, "Command on {Topic} is for {Endpoint}: {Id}")]
    private partial void LogRelayed(string topic, string endpoint, string id);

    [LoggerMessage(31, LogLevel.Warning, "Command on {Topic} has {Bytes} bytes, more than Kafka takes; it is passed on without them and will be refused.")]
    private partial void LogTooLarge(string topic, int bytes);

    [LoggerMessage(32, LogLevel.Warning, "The registrations could not be read to their end; the command on {Topic} goes to whom its topic names.")]
    private partial void LogCannotRead(string topic);
}
