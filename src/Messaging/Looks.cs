namespace Messaging;

/// <summary>Looks at a client now and then, one look at a time, until it is disposed of. A look under way is not waited for.</summary>
internal sealed class Looks : IDisposable
{
    private readonly CancellationTokenSource _end = new();

    public Looks(TimeSpan period, Func<CancellationToken, Task> look) => _ = RunAsync(period, look, _end.Token);

    public void Dispose() => _end.Cancel();

    private static async Task RunAsync(TimeSpan period, Func<CancellationToken, Task> look, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(period);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
            {
                await look(ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
    }
}
