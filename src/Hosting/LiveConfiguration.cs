using Contracts.Configuration;
using Hosting.Configuration;
using Microsoft.Extensions.Logging;

namespace Hosting;

/// <summary>
/// The configuration in force, swapped as a whole when a file changes. Only keys marked as live change; the others wait for the next
/// start, with a warning. A broken file changes nothing.
/// </summary>
public sealed partial class LiveConfiguration
{
    readonly ConfigurationSources? sources;
    IReadOnlyList<string?> contents = [];
    GatewayConfiguration loaded;
    volatile GatewayConfiguration current;

    /// <summary>One that never changes.</summary>
    public LiveConfiguration(GatewayConfiguration configuration) => current = loaded = configuration;

    internal LiveConfiguration(GatewayConfiguration configuration, ConfigurationSources sources)
        : this(configuration)
    {
        this.sources = sources;
        contents = sources.Contents();
    }

    /// <summary>Read it once per message and use that.</summary>
    public GatewayConfiguration Current => current;

    /// <summary>After a swap, with the new configuration, on the thread of the watcher.</summary>
    public event Action<GatewayConfiguration>? Changed;

    internal bool Watches => sources is { Files.Count: > 0 };

    /// <summary>Looks at the files once. True: something was swapped.</summary>
    internal bool Poll(ILogger logger)
    {
        if (sources is null)
            return false;
        var now = sources.Contents();
        if (now.SequenceEqual(contents))
            return false;
        contents = now;
        var report = sources.Read(current.Lwm2m.XmlDir);
        if (report.Problems.Count > 0)
        {
            foreach (var problem in report.Problems)
                LogProblem(logger, problem.ToString());
            LogKept(logger, report.Problems.Count);
            return false;
        }

        foreach (var warning in report.Warnings)
            LogWarning(logger, warning);
        return Take(report.Configuration, logger);
    }

    bool Take(GatewayConfiguration read, ILogger logger)
    {
        var changes = ConfigurationDifference.Between(loaded, read);
        loaded = read;
        var waiting = changes.Where(c => !c.Live).Select(c => c.Path).ToList();
        if (waiting.Count > 0)
            LogWaiting(logger, string.Join(", ", waiting));
        var live = changes.Where(c => c.Live).Select(c => c.Path).ToList();
        if (live.Count == 0)
            return false;
        current = WithLive(current, read);
        LogSwapped(logger, string.Join(", ", live));
        Changed?.Invoke(current);
        return true;
    }

    // The keys marked [Live], and no others; a test holds the two together.
    static GatewayConfiguration WithLive(GatewayConfiguration old, GatewayConfiguration read) => old with
    {
        Given = read.Given,
        Lwm2m = old.Lwm2m with
        {
            XmlDir = read.Lwm2m.XmlDir,
            LifetimeMin = read.Lwm2m.LifetimeMin,
            LifetimeMax = read.Lwm2m.LifetimeMax,
            QmodeTimeWindow = read.Lwm2m.QmodeTimeWindow,
            AutoObserve = read.Lwm2m.AutoObserve,
            UpdateMsgPublishCondition = read.Lwm2m.UpdateMsgPublishCondition,
            Translators = read.Lwm2m.Translators,
        },
        Ingress = old.Ingress with
        {
            InfiniteLifetimeMax = read.Ingress.InfiniteLifetimeMax,
            LegacyLocation = read.Ingress.LegacyLocation,
            Roaming = read.Ingress.Roaming,
        },
    };

    [LoggerMessage(1, LogLevel.Error, "Configuration: {Problem}")]
    static partial void LogProblem(ILogger logger, string problem);

    [LoggerMessage(2, LogLevel.Error, "The changed configuration has {Count} problem(s) and was not taken; the last good one stays in force")]
    static partial void LogKept(ILogger logger, int count);

    [LoggerMessage(3, LogLevel.Warning, "Configuration: {Warning}")]
    static partial void LogWarning(ILogger logger, string warning);

    [LoggerMessage(4, LogLevel.Warning, "Configuration changed; these keys need a restart: {Keys}")]
    static partial void LogWaiting(ILogger logger, string keys);

    [LoggerMessage(5, LogLevel.Information, "Configuration changed and in force: {Keys}")]
    static partial void LogSwapped(ILogger logger, string keys);
}
