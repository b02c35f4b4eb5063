using System.Collections.Concurrent;
using Messaging;

namespace Pipeline.Tests.Messaging;

/// <summary>What became of records, by cookie.</summary>
internal sealed class Outcomes(int expected) : IAppendSink
{
    private int _expected = expected;
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _heard;

    public bool Keeps { get; init; } = true;

    public ConcurrentDictionary<long, AppendResult> By { get; } = new();

    public Task Complete => _complete.Task.WaitAsync(Embedded.Bound);

    /// <summary>For a test that learns only on the way how many there are.</summary>
    public Task CompleteAtAsync(int count)
    {
        Volatile.Write(ref _expected, count);
        Tell(Volatile.Read(ref _heard));
        return Complete;
    }

    public void Appended(long cookie, int partition, long offset, bool succeeded)
    {
        if (!Keeps)
        {
            return;
        }

        Assert.True(By.TryAdd(cookie, new AppendResult(partition, offset, succeeded)));
        Tell(Interlocked.Increment(ref _heard));
    }

    private void Tell(int heard)
    {
        if (heard == Volatile.Read(ref _expected))
        {
            _complete.TrySetResult();
        }
    }
}
