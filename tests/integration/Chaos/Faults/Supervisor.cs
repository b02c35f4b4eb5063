using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Chaos.Faults;

/// <summary>Starts again what has ended by itself, as every platform does, and remembers it.</summary>
sealed class Supervisor : IAsyncDisposable
{
    static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    readonly Func<long> _now;
    readonly Lock _gate = new();
    readonly HashSet<ServiceProcess> _watched;
    readonly List<string> _ended = [];
    readonly CancellationTokenSource _end = new();
    readonly Task _watching;

    public Supervisor(IEnumerable<ServiceProcess> services, Func<long> now)
    {
        (_watched, _now) = ([.. services], now);
        _watching = WatchAsync();
    }

    /// <summary>Which service ended by itself, when, and with which code.</summary>
    public IReadOnlyList<string> Ended
    {
        get
        {
            lock (_gate)
                return [.. _ended];
        }
    }

    /// <summary>It is about to be ended on purpose.</summary>
    public void Ignore(ServiceProcess service)
    {
        lock (_gate)
            _watched.Remove(service);
    }

    public void Watch(ServiceProcess service)
    {
        lock (_gate)
            _watched.Add(service);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    async Task WatchAsync()
    {
        using var timer = new PeriodicTimer(Period);
        while (await timer.WaitForNextTickAsync(_end.Token))
        {
            lock (_gate)
            {
                foreach (var service in _watched.Where(service => service.EndedWith is not null))
                {
                    _ended.Add($"{service.Service} at {_now()} ms with {service.EndedWith}");
                    service.Start();
                }
            }
        }
    }
}
