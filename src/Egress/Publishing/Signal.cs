namespace Egress.Publishing;

/// <summary>Wakes one waiting loop; signals that come while it is awake are one.</summary>
internal sealed class Signal : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(0, 1);
    private int _set;

    public void Set()
    {
        if (Interlocked.Exchange(ref _set, 1) == 0)
        {
            _semaphore.Release();
        }
    }

    public async ValueTask WaitAsync(CancellationToken ct)
    {
        await _semaphore.WaitAsync(ct);
        Volatile.Write(ref _set, 0);
    }

    public void Dispose() => _semaphore.Dispose();
}
