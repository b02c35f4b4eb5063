using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Contracts;
using Messaging;

namespace Dashboard.Commands;

/// <summary>Writes commands to Kafka, as anyone may, and waits for what becomes of them.</summary>
sealed class CommandWriter(LogProducer producer, Topics topics, OutcomeWaiting waiting, DashboardTelemetry telemetry, TimeProvider time)
{
    static readonly TimeSpan WriteBound = TimeSpan.FromSeconds(5);

    /// <summary>An id that no other command has.</summary>
    public static string NewId() => "api-" + Guid.CreateVersion7().ToString("N");

    /// <summary>False: Kafka did not take it in time; it may be written all the same.</summary>
    public async Task<bool> TryWriteAsync(string endpoint, string commandId, JsonObject command, CommandUrgency urgency, CancellationToken aborted)
    {
        List<RecordHeader> headers = [Header(CommandHeaders.CommandId, commandId)];
        if (urgency.Priority != 0)
            headers.Add(Header(CommandHeaders.Priority, urgency.Priority.ToString(CultureInfo.InvariantCulture)));
        if (urgency.ExpiresAt is { } expires)
            headers.Add(Header(CommandHeaders.ExpiresAt, expires.ToString(CultureInfo.InvariantCulture)));
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        bound.CancelAfter(WriteBound);
        try
        {
            var written = await producer.AppendAsync(
                topics.Commands, -1, Encoding.UTF8.GetBytes(endpoint), Encoding.UTF8.GetBytes(command.ToJsonString()), [.. headers], bound.Token);
            if (written.Succeeded)
                telemetry.Commands.Add(1);
            return written.Succeeded;
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Writes it and waits for the event of its outcome. The command is not started after the time is over.</summary>
    public async Task<(CommandEnding Ending, byte[] Event)> CarryOutAsync(
        string endpoint, string commandId, JsonObject command, CommandUrgency urgency, TimeSpan timeout, CancellationToken aborted)
    {
        if (!waiting.TryAwait(commandId, out var outcome))
        {
            telemetry.NotWaited.Add(1);
            return (CommandEnding.Busy, []);
        }

        try
        {
            var latest = (time.GetUtcNow() + timeout).ToUnixTimeMilliseconds();
            var bounded = urgency with { ExpiresAt = Math.Min(urgency.ExpiresAt ?? latest, latest) };
            if (!await TryWriteAsync(endpoint, commandId, command, bounded, aborted))
                return (CommandEnding.NotWritten, []);
            return (CommandEnding.Ended, await outcome.WaitAsync(timeout, time, aborted));
        }
        catch (TimeoutException)
        {
            return (CommandEnding.NotEnded, []);
        }
        finally
        {
            waiting.Forget(commandId);
        }
    }

    static RecordHeader Header(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));
}
