using Tools.Network;

namespace Tools.Simulation;

/// <summary>A thread with its devices and their ports.</summary>
sealed class DeviceLoop
{
    const int LongestWait = 100;
    const int MaxDatagram = 2048;

    readonly TimeProvider _time;
    readonly long _startedAt;
    readonly DevicePopulation _population;
    readonly DevicePorts _ports;
    readonly byte[] _buffer = new byte[MaxDatagram];
    readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    long _stopUntil = long.MaxValue;

    /// <param name="plans">Devices of this thread.</param>
    /// <param name="ports">Their ports; the loop disposes of them.</param>
    /// <param name="happened">Called on this thread.</param>
    /// <param name="time">Of the times in <paramref name="plans"/>.</param>
    public DeviceLoop(IReadOnlyList<DevicePlan> plans, DevicePorts ports, Action<DeviceEvent>? happened, TimeProvider time)
    {
        _time = time;
        _startedAt = time.GetTimestamp();
        _ports = ports;
        _population = new DevicePopulation(plans, time.GetUtcNow().ToUnixTimeMilliseconds(), ports.Send, ports.Rebind, happened);
    }

    public DevicePopulation Population => _population;

    public Task Completion => _completion.Task;

    long Now => (long)_time.GetElapsedTime(_startedAt).TotalMilliseconds;

    public void Start() => new Thread(Run) { IsBackground = true, Name = "simulated devices" }.Start();

    /// <summary>From any thread.</summary>
    public void Stop(TimeSpan timeout) => Volatile.Write(ref _stopUntil, Now + (long)timeout.TotalMilliseconds);

    void Run()
    {
        try
        {
            while (Volatile.Read(ref _stopUntil) == long.MaxValue)
                Turn();
            _population.Stop();
            while (Now < Volatile.Read(ref _stopUntil) && !_population.IsOff)
                Turn();
            _completion.SetResult();
        }
        catch (Exception exception)
        {
            _completion.SetException(exception);
        }
        finally
        {
            _ports.Dispose();
        }
    }

    void Turn()
    {
        _ports.Wait((int)Math.Clamp(_population.NextDeadline - Now, 0, LongestWait));
        while (_ports.TryReceive(_buffer, out var device, out var length))
            _population.Receive(Now, device, _buffer.AsSpan(0, length));
        _population.Advance(Now);
    }
}
