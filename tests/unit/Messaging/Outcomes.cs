using System.Collections.Concurrent;
using Messaging;

namespace Pipeline.Tests.Messaging;

/// <summary>What became of records, by cookie.</summary>
internal sealed class Outcomes(int expected) : IAppendSink
{
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _heard;

    public bool Keeps { get; init; } = true;

    public ConcurrentDictionary<long, AppendResult> By { get; } = new();

    public Task Complete => _complete.Task.WaitAsync(Embedded.Bound);

    public void Appended(long cookie, int partition, long offset, bool succeeded)
    {
        if (!Keeps)
        {
            return;
        }

        Assert.True(By.TryAdd(cookie, new AppendResult(partition, offset, succeeded)));
        if (Interlocked.Increment(ref _heard) == expected)
        {
            _complete.SetResult();
        }
    }
}
