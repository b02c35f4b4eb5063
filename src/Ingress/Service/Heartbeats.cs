using Contracts;
using Ingress.Journal;
using Ingress.Ownership;
using Messaging;
using Microsoft.Extensions.Logging;

namespace Ingress.Service;

/// <summary>
/// Tells on the instances topic that a slot lives: every two seconds, and at once when the configuration or what is wished of the slot has
/// changed. A beat that Kafka does not take is late already when it does.
/// </summary>
sealed partial class Heartbeats(LogProducer producer, Topics topics, byte[] key, InstanceRecord start, long epoch, ConfigReader config, TimeProvider time, ILogger logger)
{
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    FleetStatus _told;

    /// <summary>What stands in the next beat.</summary>
    public required Func<FleetStatus> Status { get; init; }

    /// <summary>Another process speaks for the slot.</summary>
    public required Func<bool> IsReplaced { get; init; }

    /// <summary>Beats until it is stopped, and says so.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Period, time);
        config.Moved += Beat;
        try
        {
            // The start may have been long ago: reading all sessions takes its time.
            do
                Beat();
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException)
        {
        }

        config.Moved -= Beat;
        if (!IsReplaced())
            Tell("stop");
    }

    /// <summary>Says at once how things stand.</summary>
    public void Beat() => Tell("heartbeat");

    void Tell(string kind)
    {
        var status = Status();
        Log(status);
        producer.TryAppend(topics.Instances, 0, key, Record(kind, status).ToJson(), null, Unheeded.Sink, 0);
    }

    InstanceRecord Record(string kind, in FleetStatus status) => start with
    {
        Kind = kind,
        Epoch = epoch,
        HeartbeatMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        ConfigOffset = config.Position.Offset,
        ConfigProblem = config.Position.Problem,
        Registrations = status.Registrations,
        Draining = status.IsDraining ? true : null,
    };

    void Log(in FleetStatus now)
    {
        var before = _told;
        _told = now;
        if (now.IsDraining && !before.IsDraining)
            LogDraining(now.Registrations);
        if (!now.IsDraining && before.IsDraining)
            LogStays();
        if (now is { IsAlone: true, Registrations: > 0 } && !before.IsAlone)
            LogAlone(now.Registrations);
        if (now is { IsDraining: true, Registrations: 0 } && before.Registrations > 0)
            LogEmpty();
        if (now.DeadSlots > before.DeadSlots)
            LogOrphans(now.DeadSlots);
    }

    [LoggerMessage(10, LogLevel.Information, "This slot is to be drained: {Registrations} registrations go to other slots")]
    partial void LogDraining(int registrations);

    [LoggerMessage(11, LogLevel.Information, "This slot is not to be drained any more")]
    partial void LogStays();

    [LoggerMessage(12, LogLevel.Warning, "No other slot lives that could take the {Registrations} registrations of this one: nothing is handed over")]
    partial void LogAlone(int registrations);

    [LoggerMessage(13, LogLevel.Information, "This slot is empty")]
    partial void LogEmpty();

    [LoggerMessage(14, LogLevel.Warning, "{Slots} other slots are dead: their registrations are ended from here when their lifetimes are over")]
    partial void LogOrphans(int slots);
}
