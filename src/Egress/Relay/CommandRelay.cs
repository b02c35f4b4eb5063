using System.Text;
using Contracts;
using Egress.Mqtt;
using Hosting;
using Messaging;
using Microsoft.Extensions.Logging;

namespace Egress.Relay;

/// <summary>Relays MQTT commands into Kafka while this replica is the one to do it. <see cref="Hold"/> and <see cref="LetGo"/> come from the consumer's thread.</summary>
internal sealed partial class CommandRelay(
    KafkaConnection kafka, LogProducer producer, MqttBroker broker, string clientId, LiveConfiguration live, ConfigReader config, ExtraSubscriptions extra,
    EgressTelemetry telemetry, TimeProvider time, ILogger logger) : IDisposable
{
    // What a predecessor wrote and the broker may deliver again is among its last ReceiveMaximum messages; several per message where prefixes are shared,
    // and others write commands, too, until the successor is there.
    private const int Tail = 1024;

    // 'No such device' is said only at the end of the log. Should Kafka not let us read it, commands wait, but not for ever.
    private const int MaxReads = 10;

    private static readonly TimeSpan s_readBound = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_restoreBound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_leaveBound = TimeSpan.FromSeconds(3);

    // Somebody else may be the relay, and we hear of it in a moment: not to throw him out in turn.
    private static readonly TimeSpan s_interruption = TimeSpan.FromSeconds(3);

    private readonly Topics _topics = new(kafka.Options.TopicPrefix);
    private readonly int _partitions = kafka.Options.PartitionsOn(kafka.Embedded);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _term;
    private Task _running = Task.CompletedTask;
    private volatile RelayConnection? _connection;
    private volatile string _trouble = "registrations and the last commands are being read";

    /// <summary>Faults when it cannot go on: the process should end.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Why it does not relay although it should; null = it does, or need not.</summary>
    public string? Trouble => _term is null ? null : _connection is not { } connection ? _trouble : connection.Subscribed ? null : connection.Trouble;

    /// <summary>Below this offset of the config topic all that concerns commands is in force at the broker; null where that is not for this replica to say.</summary>
    public long? ConfigOffset => _term is null ? null : _connection?.ConfigOffset ?? 0;

    /// <summary><see cref="ConfigOffset"/> has moved.</summary>
    public event Action? Applied;

    /// <summary>This replica is the relay.</summary>
    public void Hold()
    {
        if (_term is null)
        {
            _term = new CancellationTokenSource();
            _running = RunAsync(_term.Token);
        }
    }

    /// <summary>It is so no longer. Returns when the connection is closed, so that the next relay finds all that this one wrote.</summary>
    public void LetGo()
    {
        if (_term is { } term)
        {
            _term = null;
            term.Cancel();
            if (!_running.Wait(s_leaveBound))
            {
                LogSlow();
            }

            term.Dispose();
        }
    }

    public void Dispose() => LetGo();

    private async Task RunAsync(CancellationToken ct)
    {
        await Task.Yield(); // the consumer's thread has other things to do
        try
        {
            var directory = new PrefixDirectory(live.Current.Lwm2m);
            using var registrations = new LogReader(kafka, clientId + "-registrations", logger);
            registrations.Start([.. Partitions.Select(p => new LogPosition(_topics.Registrations, p, LogPosition.Beginning))], directory.Take);
            while (!await ReadToEndAsync(registrations, MaxReads))
            {
                ct.ThrowIfCancellationRequested();
            }

            while (true)
            {
                try
                {
                    await RelayAsync(directory, registrations, ct);
                }
                catch (Exception e) when (e is TransactionFailedException or RelayTakenOverException)
                {
                    _trouble = e.Message;
                    LogInterrupted(e.Message, s_interruption.TotalSeconds);
                }

                await Task.Delay(s_interruption, time, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // a bug, or Kafka for ever out of reach: the process ends
        catch (Exception e)
#pragma warning restore CA1031
        {
            _completion.TrySetException(e);
        }
        finally
        {
            _connection = null;
        }
    }

    // First the name, then the tail: what a predecessor that only stood still has not written by now, it never will.
    private async Task RelayAsync(PrefixDirectory directory, LogReader registrations, CancellationToken ct)
    {
        using var fenced = kafka.Embedded ? null : await FencedProducer.OpenAsync(kafka, $"{_topics.Prefix}.relay", clientId, logger, ct);
        using var writing = new CancellationTokenSource();
        using var relaying = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            var recent = await ReadTailAsync(ct);
            var intake = new CommandIntake(
                fenced ?? (IAppender)producer, _topics.Commands, directory, recent, () => ReadToEndAsync(registrations, MaxReads), telemetry, time, logger, writing.Token);
            using var sources = new CommandSources(live, config, directory, extra);
            _connection = new RelayConnection(broker, clientId, intake, sources, telemetry, time, logger) { Applied = () => Applied?.Invoke() };
            var connected = _connection.RunAsync(relaying.Token);
            var first = await Task.WhenAny([connected, registrations.Completion, .. fenced is null ? Array.Empty<Task>() : [fenced.Completion]]);
            await relaying.CancelAsync();
            await connected.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await first;
            ct.ThrowIfCancellationRequested();
        }
        finally
        {
            _connection = null;
            await writing.CancelAsync();
        }
    }

    private IEnumerable<int> Partitions => Enumerable.Range(0, _partitions);

    // Once a partition has been read to where it ended at the question, it need not be asked again.
    private async Task<bool> ReadToEndAsync(LogReader reader, int tries)
    {
        var left = Partitions.ToArray();
        for (; tries > 0 && left.Length > 0; tries--)
        {
            var read = await Task.WhenAll(left.Select(p => reader.CatchUpAsync(_topics.Registrations, p, s_readBound)));
            left = [.. left.Where((_, i) => !read[i])];
        }

        return left.Length == 0;
    }

    // What a predecessor wrote last, so that the broker's second delivery of it is known for what it is.
    private async Task<RecentCommands> ReadTailAsync(CancellationToken ct)
    {
        var recent = new RecentCommands((long)(2 * broker.KeepAlive).TotalMilliseconds, telemetry);
        using var reader = new LogReader(kafka, clientId + "-tail", logger);
        while (true)
        {
            try
            {
                var ends = await Task.WhenAll(Partitions.Select(p => reader.EndOffsetAsync(_topics.Commands, p, s_restoreBound)));
                reader.Start([.. Partitions.Select(p => new LogPosition(_topics.Commands, p, Math.Max(0, ends[p] - Tail)))], record => Remember(record, recent));
                break;
            }
            catch (TimeoutException)
            {
                ct.ThrowIfCancellationRequested();
            }
        }

        foreach (var partition in Partitions)
        {
            while (!await reader.CatchUpAsync(_topics.Commands, partition, s_restoreBound))
            {
                ct.ThrowIfCancellationRequested();
            }
        }

        return recent;
    }

    private static void Remember(in LogRecord record, RecentCommands recent)
    {
        foreach (var header in record.Headers)
        {
            if (header.Name == CommandHeaders.CommandId && RelayedId.TryReadFingerprint(Encoding.UTF8.GetString(header.Value), out var fingerprint))
            {
                recent.AddRead(fingerprint);
            }
        }
    }

    [LoggerMessage(46, LogLevel.Warning, "The command relay is interrupted: {Reason}. Again in {Seconds} s, where this is still for us to do.")]
    private partial void LogInterrupted(string reason, double seconds);

    [LoggerMessage(45, LogLevel.Warning, "The command relay takes long to leave; a command that is delivered twice may be carried out twice.")]
    private partial void LogSlow();
}
