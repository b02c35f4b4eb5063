using Contracts;

namespace Messaging;

/// <summary>
/// Tells on the instances topic that a service lives and which configuration it has taken: at the start, every two seconds, whenever the
/// configuration changes, and at the end. A beat that Kafka does not take at once is left out: it would be late when it came.
/// </summary>
public sealed class InstanceHeartbeat : IAppendSink, IAsyncDisposable
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    private readonly LogProducer _producer;
    private readonly string _topic;
    private readonly byte[] _key;
    private readonly ConfigReader _config;
    private readonly Func<long?> _limit;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private bool _isStarted;
    private bool _isStopped;

    private InstanceHeartbeat(LogProducer producer, string topic, byte[] key, ConfigReader config, Func<long?> limit, TimeProvider time)
    {
        (_producer, _topic, _key, _config, _limit, _time) = (producer, topic, key, config, limit, time);
        _config.Moved += Beat;
        _timer = time.CreateTimer(_ => Beat(), null, TimeSpan.Zero, Period);
    }

    /// <summary>Begins, under the name of the pod, else of the host and a random number.</summary>
    /// <param name="producer">Writes the beats; must outlive this.</param>
    /// <param name="topics">The topics, which must exist.</param>
    /// <param name="service">"egress".</param>
    /// <param name="config">What is in force, once it has been read.</param>
    /// <param name="time">The clock.</param>
    /// <param name="limit">Where the service takes longer than <paramref name="config"/>: how far it is. Null, or no limit: it does not.</param>
    public static InstanceHeartbeat Begin(
        LogProducer producer, Topics topics, string service, ConfigReader config, TimeProvider time, Func<long?>? limit = null)
    {
        ArgumentNullException.ThrowIfNull(topics);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(time);
        return new InstanceHeartbeat(producer, topics.Instances, InstanceRecord.KeyOf(service, Name()), config, limit ?? (static () => null), time);
    }

    /// <summary>Says at once how things stand.</summary>
    public void Beat()
    {
        lock (_gate)
        {
            if (!_isStopped)
            {
                _isStarted |= _producer.TryAppend(_topic, 0, _key, Record(_isStarted ? "heartbeat" : "start"), null, this, 0) == AppendStatus.Handed;
            }
        }
    }

    /// <summary>Says that the service stops; then the log may forget its name. Waits a moment for Kafka.</summary>
    public async ValueTask DisposeAsync()
    {
        _config.Moved -= Beat;
        await _timer.DisposeAsync();
        lock (_gate)
        {
            if (_isStopped)
            {
                return;
            }

            _isStopped = true;
        }

        using var patience = new CancellationTokenSource(s_farewell, _time);
        try
        {
            await _producer.AppendAsync(_topic, 0, _key, Record("stop"), null, patience.Token);
            await _producer.AppendAsync(_topic, 0, _key, null, null, patience.Token);
        }
        catch (OperationCanceledException)
        {
            // Kafka is away: who waits for us will see that the beats end.
        }
    }

    void IAppendSink.Appended(long cookie, int partition, long offset, bool succeeded)
    {
    }

    private byte[] Record(string kind)
    {
        var position = _config.Position;
        return new InstanceRecord
        {
            Kind = kind,
            Address = Environment.MachineName,
            HeartbeatMs = _time.GetUtcNow().ToUnixTimeMilliseconds(),
            ConfigOffset = position.Offset is { } offset ? Math.Min(offset, _limit() ?? offset) : null,
            ConfigProblem = position.Problem,
        }.ToJson();
    }

    private static string Name() =>
        Environment.GetEnvironmentVariable("POD_NAME") is { Length: > 0 } pod ? pod : $"{Environment.MachineName}-{Random.Shared.Next():x8}";
}
