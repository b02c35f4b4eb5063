namespace Messaging;

/// <summary>
/// Asks the broker where partitions begin and end, on a thread of its own. Questions are shared: one is under way per partition, and
/// whoever asks after it has left gets the answer of the next. So an answer is never older than its question. Thread-safe.
/// </summary>
internal sealed class WatermarkQueries(Func<TopicPartition, Watermarks?> ask, string name) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TopicPartition, TaskCompletionSource<Watermarks?>> _next = [];
    private readonly Queue<TopicPartition> _order = new();
    private readonly SemaphoreSlim _wanted = new(0);
    private Thread? _thread;
    private bool _ended;

    /// <summary>The answer, or null where there was none: ask again.</summary>
    public Task<Watermarks?> AskAsync(TopicPartition partition)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return Task.FromResult<Watermarks?>(null);
            }

            if (_next.TryGetValue(partition, out var next))
            {
                return next.Task;
            }

            next = new TaskCompletionSource<Watermarks?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _next[partition] = next;
            _order.Enqueue(partition);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = name + "-ends" };
                _thread.Start();
            }

            _wanted.Release();
            return next.Task;
        }
    }

    /// <summary>Waits for the question under way; all others get no answer.</summary>
    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            _ended = true;
            thread = _thread;
        }

        _wanted.Release();
        thread?.Join();
        foreach (var next in _next.Values)
        {
            next.SetResult(null);
        }

        _next.Clear();
    }

    private void Run()
    {
        while (true)
        {
            _wanted.Wait();
            TopicPartition partition;
            TaskCompletionSource<Watermarks?> asked;
            lock (_gate)
            {
                if (_ended)
                {
                    return;
                }

                partition = _order.Dequeue();
                _next.Remove(partition, out asked!); // from here on it is too late to share this answer
            }

            asked.SetResult(ask(partition));
        }
    }
}
