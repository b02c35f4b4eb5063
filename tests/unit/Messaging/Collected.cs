using System.Text;
using Messaging;

namespace Pipeline.Tests.Messaging;

/// <summary>Records as they come, and a way to wait for so many of them.</summary>
internal sealed class Collected
{
    private readonly Lock _gate = new();
    private readonly List<LogRecord> _records = [];
    private readonly List<(Func<bool> Reached, TaskCompletionSource Waiting)> _waiting = [];

    public void Add(LogRecord record)
    {
        lock (_gate)
        {
            _records.Add(record);
            foreach (var (_, waiting) in _waiting.Where(entry => entry.Reached()).ToArray())
            {
                waiting.TrySetResult();
            }
        }
    }

    public LogRecord[] All
    {
        get
        {
            lock (_gate)
            {
                return [.. _records];
            }
        }
    }

    public string[] Values => [.. All.Select(record => Encoding.UTF8.GetString(record.Value!))];

    public Task Reach(int count) => Until(() => _records.Count >= count);

    public Task ReachDistinct(int count) => Until(
        () => _records.Count >= count && _records.DistinctBy(record => (record.Partition, record.Offset)).Count() >= count);

    private async Task Until(Func<bool> reached)
    {
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (reached())
            {
                return;
            }

            _waiting.Add((reached, waiting));
        }

        await waiting.Task.WaitAsync(Embedded.Bound);
    }
}
