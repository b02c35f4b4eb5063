using System.Collections.Concurrent;
using Contracts;
using Hosting;
using Messaging;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Translator.Operations;
using Translator.Partitions;

namespace Translator;

/// <summary>One Translator replica: a member of the group over uplink and commands, with the logs of its partitions beside it.</summary>
public sealed partial class TranslatorService : BackgroundService, IGroupHandler
{
    private const int MostInFlight = 2000;

    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CatchUpBound = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(10);

    private readonly KafkaConnection _kafka;
    private readonly DefinitionSource _definitions;
    private readonly ConfigReader _config;
    private readonly TranslatorTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Topics _topics;
    private readonly SlotDirectory _slots = new();
    private readonly ConcurrentDictionary<int, PartitionRunner> _runners = new();
    private readonly string _transactionalId;
    private LogProducer? _producer;
    private TransactionalOutbox? _transactions;
    private bool _exactlyOnce;
    private LogReader? _reader;
    private GroupConsumer? _consumer;

    public TranslatorService(
        KafkaConnection kafka, DefinitionSource definitions, ConfigReader config, TranslatorTelemetry telemetry, TimeProvider time,
        ILogger<TranslatorService> logger)
    {
        ArgumentNullException.ThrowIfNull(kafka);
        ArgumentNullException.ThrowIfNull(telemetry);
        (_kafka, _definitions, _config, _telemetry, _time, _logger) = (kafka, definitions, config, telemetry, time, logger);
        _topics = new Topics(kafka.Options.TopicPrefix);
        _transactionalId = $"{_topics.TranslatorGroup}.{InstanceName()}";
        telemetry.Observe("open_operations", "Commands without outcome.", () => _runners.Values.Sum(runner => (long)runner.OpenCount));
    }

    /// <summary>Why this replica does not work yet; null when it does.</summary>
    public string? Trouble =>
        _consumer is null ? "not connected to Kafka yet" :
        !_consumer.Assigned ? "no assignment yet, or its operations and registrations are still being read" :
        null;

    /// <summary>What a Kafka client has ended with; null: all live.</summary>
    public string? Failure => Liveness.FailureOf(_producer?.Completion, _reader?.Completion, _consumer?.Completion, _config.Completion);

    public async Task AssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        var held = partitions.Select(partition => partition.Partition).Distinct().ToList();
        var former = _transactions;
        if (_exactlyOnce && held.Count > 0)
        {
            _transactions = BeginTransactions(former);
        }

        var gained = held.Where(partition => !_runners.ContainsKey(partition)).ToDictionary(partition => partition, Runner);
        foreach (var (partition, runner) in gained)
        {
            _runners[partition] = runner;
        }

        _reader!.Assign([.. gained.Keys.SelectMany(LogsOf).Select(log => new LogPosition(log.Topic, log.Partition, LogPosition.Beginning))]);
        if (_transactions != former)
        {
            await _transactions!.Ready.WaitAsync(ct);
            former?.Dispose();
        }

        // Nothing is taken before what was accepted and closed so far is known (and who is registered, and where). That holds for what had been
        // ours before, too: somebody else may have had it in between.
        await Task.WhenAll(held.SelectMany(LogsOf).Append(new TopicPartition(_topics.Instances, 0)).Select(log => ReadToEndAsync(log, ct)));
        foreach (var runner in gained.Values)
        {
            runner.Release();
        }

        LogAssigned(string.Join(", ", gained.Keys.Order()), _runners.Values.Sum(runner => runner.OpenCount));
    }

    public void Revoked(IReadOnlyList<TopicPartition> partitions)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        _transactions?.Close(); // also where no partition has begun with it
        foreach (var partition in partitions.Select(partition => partition.Partition).Distinct())
        {
            if (_runners.TryRemove(partition, out var runner))
            {
                runner.Dispose();
                _reader!.Unassign(LogsOf(partition));
            }
        }
    }

    public void Handle(LogRecord record)
    {
        if (_runners.TryGetValue(record.Partition, out var runner))
        {
            runner.Handle(record);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_kafka.Embedded)
        {
            await TopicProvisioning.EnsureAsync(_kafka, _topics.Specs(_kafka.Options, embedded: false), _logger, stoppingToken);
        }

        var name = _kafka.Options.TopicPrefix + "-translator";
        using var producer = _producer = new LogProducer(_kafka, name, _logger);
        using var reader = _reader = new LogReader(_kafka, name + "-logs", _logger);
        await _config.ReadAsync(stoppingToken);
        ChooseGuarantee();
        await using var heartbeat = InstanceHeartbeat.Begin(producer, _topics, "translator", _config, _time);
        using var consumer = _consumer = new GroupConsumer(
            _kafka, _topics.TranslatorGroup, name, [_topics.Uplink, _topics.Commands], this, MostInFlight, _logger, byTransactions: _exactlyOnce);
        try
        {
            reader.Start([new LogPosition(_topics.Instances, 0, LogPosition.Beginning)], Fold);
            consumer.Start();
            await RunAsync(Task.WhenAny(producer.Completion, reader.Completion, consumer.Completion, _config.Completion), stoppingToken);
        }
        finally
        {
            await consumer.StopAsync(Drain);
            Revoked([.. _runners.Keys.Select(partition => new TopicPartition(_topics.Uplink, partition))]);
            _transactions?.Dispose();
        }
    }

    private async Task RunAsync(Task<Task> ended, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TickInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                // A client that cannot go on ends the service; it starts again from what is committed.
                if (ended.IsCompleted)
                {
                    await await ended;
                    return;
                }

                foreach (var runner in _runners.Values)
                {
                    runner.Tick();
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private void ChooseGuarantee()
    {
        var wanted = _definitions.Rules.Options.ExactlyOnce;
        _exactlyOnce = wanted && !_kafka.Embedded;
        if (wanted && _kafka.Embedded)
        {
            LogNoTransactions();
        }
    }

    private TopicPartition[] LogsOf(int partition) =>
        [new TopicPartition(_topics.Operations, partition), new TopicPartition(_topics.Registrations, partition)];

    private PartitionRunner Runner(int partition)
    {
        var partitions = _kafka.Options.PartitionsOn(_kafka.Embedded);
        var decisions = new TranslatorPartition(
            partition, partitions, _topics, () => _definitions.Rules, _slots, _telemetry, new OperationLimits());
        Func<Task<bool>> catchUp = () => _reader!.CatchUpAsync(_topics.Registrations, partition, AnswerBound);
        if (_exactlyOnce)
        {
            return new PartitionRunner(_topics, decisions, catchUp, _transactions!, _telemetry, _time);
        }

        return new PartitionRunner(
            _topics,
            decisions,
            catchUp,
            (append, sink, cookie) => _producer!.TryAppend(append.Topic, append.Partition, append.Key, append.Value, append.Headers, sink, cookie),
            Done,
            _telemetry,
            _time);
    }

    private void Done(LogRecord record)
    {
        _telemetry.CountDone(record.Topic == _topics.Commands, _time.GetUtcNow().ToUnixTimeMilliseconds() - record.TimestampMs);
        _consumer!.Done(record.Topic, record.Partition, record.Offset);
    }

    // All partitions have been given up before.
    private TransactionalOutbox BeginTransactions(TransactionalOutbox? former)
    {
        var transactions = new TransactionalOutbox(
            () => new TransactionalProducer(_kafka, _topics.Prefix + "-translator-transactions", _transactionalId, _logger),
            _consumer!.Membership!,
            _topics.DeadLetters,
            Done,
            StartOver,
            _telemetry);
        transactions.Start(former?.Completion ?? Task.CompletedTask);
        return transactions;
    }

    private void StartOver(Exception failure)
    {
        LogStartsOver(failure.Message);
        _consumer!.Rejoin();
    }

    private static string InstanceName() =>
        Environment.GetEnvironmentVariable("POD_NAME") is { Length: > 0 } pod ? pod : $"{Environment.MachineName}-{Guid.NewGuid():N}";

    private async Task ReadToEndAsync(TopicPartition log, CancellationToken ct)
    {
        // Also what may still become visible, where somebody writes in transactions: the last one of a former owner ends, or is ended, soon.
        while (!await _reader!.CatchUpAsync(log.Topic, log.Partition, CatchUpBound, LogPosition.Written))
        {
            ct.ThrowIfCancellationRequested();
            LogCatchingUp(log.ToString());
        }
    }

    private void Fold(LogRecord record)
    {
        if (record.Topic != _topics.Instances)
        {
            if (_runners.TryGetValue(record.Partition, out var runner))
            {
                runner.Fold(record);
            }

            return;
        }

        if (_slots.Fold(record.Key, record.Value, record.Offset))
        {
            foreach (var runner in _runners.Values)
            {
                runner.HandOverAll();
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Partitions {Partitions} taken; {Open} commands are open")]
    private partial void LogAssigned(string partitions, int open);

    [LoggerMessage(2, LogLevel.Warning, "Still reading {Log} before anything is taken from its partition")]
    private partial void LogCatchingUp(string log);

    [LoggerMessage(3, LogLevel.Warning, "A transaction has failed: all partitions are taken anew from what is committed. {Reason}")]
    private partial void LogStartsOver(string reason);

    [LoggerMessage(4, LogLevel.Warning, "translator.exactly_once is ignored: the embedded broker has no transactions that isolate. Set kafka.bootstrap_servers")]
    private partial void LogNoTransactions();
}
