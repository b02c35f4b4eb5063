using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using KafkaPartition = Confluent.Kafka.TopicPartition;

namespace Messaging;

/// <summary>
/// Asks Kafka where logs begin and end. It has connections of its own, because on a consumer's each question waits behind the fetch under
/// way; the clients of one <see cref="KafkaConnection"/> share it. What it learns shows, too, whether Kafka answers while another client
/// stands still; so it must not do so itself, and is connected anew where nothing has been answered for long. Thread-safe.
/// </summary>
internal sealed class OffsetClient : IDisposable
{
    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_giveUp = TimeSpan.FromSeconds(5); // the client keeps its own bound; nobody waits on that alone
    private static readonly Lock s_gate = new();
    private static readonly Dictionary<object, OffsetClient> s_shared = new(ReferenceEqualityComparer.Instance);

    private readonly KafkaConnection _connection;
    private readonly ILogger _logger;
    private readonly string _clientId;
    private readonly ClientLog _log;
    private readonly OffsetQueries _queries;
    private readonly Lock _answering = new();
    private volatile IAdminClient _client;
    private long _answeredMs = Environment.TickCount64; // or connected anew
    private int _users;

    private OffsetClient(KafkaConnection connection, ILogger logger)
    {
        _connection = connection;
        _logger = logger;
        _clientId = connection.Options.TopicPrefix + "-offsets";
        _log = new ClientLog(logger, _clientId);
        _client = Connect();
        _queries = new OffsetQueries(AskAsync);
    }

    /// <summary>The client of this connection, made for the first that comes; each disposes of it once.</summary>
    public static OffsetClient Share(KafkaConnection connection, ILogger logger)
    {
        lock (s_gate)
        {
            if (!s_shared.TryGetValue(connection, out var client))
            {
                client = new OffsetClient(connection, logger);
                s_shared.Add(connection, client);
            }

            client._users++;
            return client;
        }
    }

    /// <summary>
    /// The offset behind <see cref="LogPosition.Beginning"/>, <see cref="LogPosition.End"/> or <see cref="LogPosition.Written"/>, not older
    /// than the question; null where there was no answer: ask again.
    /// </summary>
    public Task<long?> AskAsync(LogPosition position) => _queries.AskAsync(position);

    /// <summary>
    /// Whether brokers answer now; with a topic, whether each of its partitions has a leader that does.
    /// </summary>
    public async Task<bool> AnswersAsync(string? topic)
    {
        try
        {
            if (topic is null)
            {
                return (await Task.Run(() => _client.GetMetadata(s_answerTime))).Brokers.Count > 0;
            }

            var metadata = await Task.Run(() => _client.GetMetadata(topic, s_answerTime));
            var partitions = metadata.Topics.SelectMany(found => found.Partitions).ToArray();
            var ends = await Task.WhenAll(partitions.Select(found => AskAsync(new LogPosition(topic, found.PartitionId, LogPosition.End))));
            return ends.Length > 0 && ends.All(end => end is not null);
        }
        catch (KafkaException exception)
        {
            _logger.ClientDetail(_clientId, exception.Error.Reason);
            return false;
        }
    }

    /// <summary>The last one waits for a round under way.</summary>
    public void Dispose()
    {
        lock (s_gate)
        {
            if (--_users > 0)
            {
                return;
            }

            s_shared.Remove(_connection);
        }

        _queries.EndAsync().GetAwaiter().GetResult();
        _client.Dispose();
    }

    private async Task<IReadOnlyDictionary<LogPosition, long>> AskAsync(IReadOnlyCollection<LogPosition> positions, bool again)
    {
        if (again)
        {
            Refresh(positions);
        }

        var answers = new Dictionary<LogPosition, long>();
        // A request takes each partition once.
        foreach (var results in await Task.WhenAll(positions.GroupBy(position => position.Offset).Select(ListAsync)))
        {
            foreach (var (position, offset) in results)
            {
                answers[position] = offset;
            }
        }

        Heed(answers.Count > 0);
        return answers;
    }

    private async Task<IEnumerable<(LogPosition, long)>> ListAsync(IGrouping<long, LogPosition> positions)
    {
        var spec = positions.Key == LogPosition.Beginning ? OffsetSpec.Earliest() : OffsetSpec.Latest();
        List<ListOffsetsResultInfo> results;
        try
        {
            var isolation = positions.Key == LogPosition.Written ? IsolationLevel.ReadUncommitted : IsolationLevel.ReadCommitted;
            var options = new ListOffsetsOptions { RequestTimeout = s_answerTime, IsolationLevel = isolation };
            var result = await _client.ListOffsetsAsync(
                positions.Select(position => new TopicPartitionOffsetSpec
                {
                    TopicPartition = new KafkaPartition(position.Topic, position.Partition),
                    OffsetSpec = spec,
                }),
                options).WaitAsync(s_giveUp);
            results = result.ResultInfos;
        }
        catch (ListOffsetsException exception)
        {
            _logger.ClientDetail(_clientId, exception.Error.Reason);
            results = exception.Result.ResultInfos;
        }
        catch (Exception exception) when (exception is KafkaException or TimeoutException)
        {
            _logger.ClientDetail(_clientId, exception.Message);
            return [];
        }

        // Of a broker that has not answered in time the client says "success", without an offset.
        return results
            .Select(result => result.TopicPartitionOffsetError)
            .Where(found => !found.Error.IsError && found.Offset.Value >= 0)
            .Select(found => (new LogPosition(found.Topic, found.Partition.Value, positions.Key), found.Offset.Value));
    }

    private IAdminClient Connect() => new AdminClientBuilder(ClientSettings.Admin(_connection, _clientId))
        .SetErrorHandler((_, error) => _log.Error(error))
        .SetLogHandler((_, message) => _log.Message(message))
        .Build();

    // In an outage a new client knows no more than the old one, and does no harm.
    private void Heed(bool answered)
    {
        lock (_answering)
        {
            var now = Environment.TickCount64;
            if (!answered && now - _answeredMs < _connection.Patience.Silence.TotalMilliseconds)
            {
                return;
            }

            _answeredMs = now;
            if (!answered)
            {
                _ = RetireAsync(_client);
                _client = Connect();
                _logger.ClientDetail(_clientId, "connected anew, because no question has been answered for long");
            }
        }
    }

    // A question may still be under way. Whether a broken client ends is its own affair.
    private static async Task RetireAsync(IAdminClient former)
    {
        await Task.Delay(2 * s_giveUp);
        former.Dispose();
    }

    // The client keeps asking a leader that is dead or deposed until it is told to look.
    private void Refresh(IEnumerable<LogPosition> positions)
    {
        foreach (var topic in positions.Select(position => position.Topic).Distinct())
        {
            try
            {
                _client.GetMetadata(topic, s_answerTime);
            }
            catch (KafkaException exception)
            {
                _logger.ClientDetail(_clientId, $"{topic}: {exception.Error.Reason}");
                return;
            }
        }
    }
}
