using System.Text;
using Contracts;
using Microsoft.Extensions.Logging;

namespace Messaging;

/// <summary>Of each section whose newest record is not in force, why. The records are in the order of the log; null instead of JSON takes a section back.</summary>
public delegate IReadOnlyDictionary<string, string> LayOver(IReadOnlyList<(string Section, byte[]? Json)> records);

/// <summary>
/// Reads the config topic from its beginning and goes on reading; one for a process, however many services it holds. What stands there at
/// the start is laid over the configuration in one piece, so that only the whole must be sound; later records one by one. Thread-safe.
/// </summary>
public sealed class ConfigReader : IDisposable
{
    private const int LongestProblem = 1000;

    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(1);

    private readonly KafkaConnection _kafka;
    private readonly LayOver _lay;
    private readonly ILogger _logger;
    private readonly string _topic;
    private readonly Lock _gate = new(); // one record at a time, and the start before all others
    private readonly List<(string Section, byte[]? Json, long Offset)> _atStart = [];
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LogReader? _reader;
    private volatile ConfigPosition _position = ConfigPosition.None;
    private long _otherOffset;
    private bool _isLaid;
    private bool _disposed;

    public ConfigReader(KafkaConnection kafka, LayOver lay, ILogger<ConfigReader> logger)
    {
        ArgumentNullException.ThrowIfNull(kafka);
        (_kafka, _lay, _logger) = (kafka, lay, logger);
        _topic = new Topics(kafka.Options.TopicPrefix).Config;
    }

    /// <summary>One whose records that are no sections somebody wants from the first on.</summary>
    public static ConfigReader Telling(KafkaConnection kafka, LayOver lay, ILogger<ConfigReader> logger, Action<string, byte[]?> other)
    {
        var reader = new ConfigReader(kafka, lay, logger);
        reader.Other += other;
        return reader;
    }

    public ConfigPosition Position => _position;

    /// <summary>Faults when it cannot go on: the process should end. Ends with <see cref="Dispose"/>.</summary>
    public Task Completion => _completion.Task;

    /// <summary>After each record, when <see cref="Position"/> tells of it; on the reading thread, must not block.</summary>
    public event Action? Moved;

    /// <summary>
    /// Records that are no sections, of all keys with a slash: <c>subscriptions/CLIENTID</c>. Who wants them listens before the first
    /// <see cref="ReadAsync"/>. On the reading thread, must not block.
    /// </summary>
    public event Action<string, byte[]?>? Other;

    /// <summary>Begins to read, if nobody has yet, and returns when all that stood there is in force. The topic must exist.</summary>
    public Task ReadAsync(CancellationToken ct)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_reader is null)
            {
                _reader = new LogReader(_kafka, _kafka.Options.TopicPrefix + "-config", _logger);
                _reader.Start([new LogPosition(_topic, 0, LogPosition.Beginning)], Take);
                _ = FollowAsync(_reader);
            }
        }

        return _read.Task.WaitAsync(ct);
    }

    public void Dispose()
    {
        LogReader? reader;
        lock (_gate)
        {
            _disposed = true;
            reader = _reader;
        }

        reader?.Dispose(); // not under the gate, which its thread takes
        _read.TrySetCanceled();
        _completion.TrySetResult();
    }

    private async Task FollowAsync(LogReader reader)
    {
        try
        {
            while (!await reader.CatchUpAsync(_topic, 0, s_bound))
            {
                if (reader.Completion.IsCompleted)
                {
                    await reader.Completion;
                    return;
                }
            }

            lock (_gate)
            {
                _isLaid = true;
                Lay(_atStart);
                _atStart.Clear();
            }

            _read.TrySetResult();
            await reader.Completion;
        }
        catch (ObjectDisposedException) when (_disposed)
        {
        }
#pragma warning disable CA1031 // whatever it is, the process should end
        catch (Exception e)
#pragma warning restore CA1031
        {
            _read.TrySetException(e);
            _completion.TrySetException(e);
        }
    }

    private void Take(LogRecord record)
    {
        var key = Encoding.UTF8.GetString(record.Key);
        lock (_gate)
        {
            if (key.Contains('/', StringComparison.Ordinal))
            {
                Other?.Invoke(key, record.Value);
                _otherOffset = record.Offset + 1;
                if (_isLaid)
                {
                    Move(_otherOffset, _position.Problem);
                }
            }
            else if (_isLaid)
            {
                Lay([(key, record.Value, record.Offset)]);
            }
            else
            {
                _atStart.RemoveAll(earlier => earlier.Section == key);
                _atStart.Add((key, record.Value, record.Offset));
            }
        }
    }

    private void Lay(List<(string Section, byte[]? Json, long Offset)> records)
    {
        var problems = _lay([.. records.Select(record => (record.Section, record.Json))]);
        var problem = string.Join("; ", problems.Select(pair => $"{pair.Key}: {pair.Value}"));
        var inForce = records.Where(record => !problems.ContainsKey(record.Section)).Select(record => record.Offset + 1);
        var offset = inForce.Append(_otherOffset).Append(_position.Offset ?? 0).Max();
        Move(offset, problem.Length == 0 ? null : problem.Length > LongestProblem ? problem[..LongestProblem] : problem);
    }

    private void Move(long offset, string? problem)
    {
        _position = new ConfigPosition(offset > 0 ? offset : null, problem);
        Moved?.Invoke();
    }
}
