using Contracts.Configuration;
using Hosting.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hosting;

/// <summary>
/// The configuration in force: the sources, and over them what was changed at run time, read by the same schema. It is swapped as a whole
/// when either changes. Only keys marked as live change then; the others wait for the next start, with a warning. What is broken
/// changes nothing. Thread-safe.
/// </summary>
public sealed partial class LiveConfiguration
{
    readonly Lock changing = new();
    readonly ConfigurationSources? sources;
    readonly ConfigurationOverlay overlay = new();
    IReadOnlyList<string?> contents = [];
    IReadOnlyDictionary<string, string> refused = new Dictionary<string, string>();
    MergedSources? merged;
    bool isLaid;
    GatewayConfiguration loaded;
    volatile GatewayConfiguration current;

    /// <summary>One that never changes.</summary>
    public LiveConfiguration(GatewayConfiguration configuration) => current = loaded = configuration;

    internal LiveConfiguration(GatewayConfiguration configuration, ConfigurationSources sources)
        : this(configuration)
    {
        this.sources = sources;
        contents = sources.Contents();
        merged = sources.Merge();
    }

    /// <summary>Read it once per message and use that.</summary>
    public GatewayConfiguration Current => current;

    /// <summary>After a swap, with the new configuration, on the thread that brought the change. Handlers must not block.</summary>
    public event Action<GatewayConfiguration>? Changed;

    /// <summary>What it is read from; nothing where it was given whole.</summary>
    internal ConfigurationSources Sources => sources ?? ConfigurationSources.None;

    internal ILogger Logger { get; set; } = NullLogger.Instance;

    internal bool Watches => sources is { Files.Count: > 0 };

    /// <summary>
    /// Takes settings changed at run time, in the order of the log: the name of a section and a JSON object with the keys that differ from
    /// the sources, nested, where null takes a key away (RFC 7396); null instead of the object takes the section back. The first call is
    /// that of the start: whoever waits for it reads a configuration in which every key has effect.
    /// </summary>
    /// <returns>Of each section whose newest record is not in force, why; empty: all is in force.</returns>
    public IReadOnlyDictionary<string, string> Lay(IReadOnlyList<(string Section, byte[]? Json)> records)
    {
        ArgumentNullException.ThrowIfNull(records);
        lock (changing)
        {
            var isStart = !isLaid;
            isLaid = true;
            if (merged is null)
                return records.Where(r => r.Json is not null).Select(r => r.Section).Distinct().ToDictionary(s => s, _ => "this configuration never changes");
            foreach (var (section, json) in records)
                overlay.Take(section, json);
            var report = overlay.Resolve(merged.WithDefinitions(isStart ? null : current.Lwm2m.XmlDir));
            // The sources were good only together with what is taken back.
            if (report.Problems.Count > 0)
                return records.Select(r => r.Section).Distinct().ToDictionary(s => s, _ => report.Problems[0].ToString());
            Take(report, isStart);
            return overlay.Problems;
        }
    }

    /// <summary>Looks at the files once. True: something was swapped.</summary>
    internal bool Poll()
    {
        lock (changing)
        {
            if (sources is null)
                return false;
            var now = sources.Contents();
            if (now.SequenceEqual(contents))
                return false;
            contents = now;
            var read = sources.Merge();
            var report = overlay.Resolve(read.WithDefinitions(current.Lwm2m.XmlDir));
            if (report.Problems.Count > 0)
            {
                foreach (var problem in report.Problems)
                    LogProblem(Logger, problem.ToString());
                LogKept(Logger, report.Problems.Count);
                return false;
            }

            merged = read;
            foreach (var warning in report.Warnings)
                LogWarning(Logger, warning);
            return Take(report, all: false);
        }
    }

    bool Take(ConfigurationReport report, bool all)
    {
        foreach (var (section, problem) in overlay.Problems.Where(p => refused.GetValueOrDefault(p.Key) != p.Value))
            LogRefused(Logger, section, problem);
        refused = overlay.Problems;
        var changes = ConfigurationDifference.Between(loaded, report.Configuration);
        loaded = report.Configuration;
        var waiting = changes.Where(c => !all && !c.Live).Select(c => c.Path).ToList();
        if (waiting.Count > 0)
            LogWaiting(Logger, string.Join(", ", waiting));
        var taken = changes.Where(c => all || c.Live).Select(c => c.Path).ToList();
        if (taken.Count == 0)
            return false;
        current = all ? loaded : LiveKeys.Take(current, loaded);
        LogSwapped(Logger, string.Join(", ", taken));
        Changed?.Invoke(current);
        return true;
    }

    [LoggerMessage(1, LogLevel.Error, "Configuration: {Problem}")]
    static partial void LogProblem(ILogger logger, string problem);

    [LoggerMessage(2, LogLevel.Error, "The changed configuration has {Count} problem(s) and was not taken; the last good one stays in force")]
    static partial void LogKept(ILogger logger, int count);

    [LoggerMessage(3, LogLevel.Warning, "Configuration: {Warning}")]
    static partial void LogWarning(ILogger logger, string warning);

    [LoggerMessage(4, LogLevel.Warning, "Configuration changed; these keys need a restart: {Keys}")]
    static partial void LogWaiting(ILogger logger, string keys);

    [LoggerMessage(6, LogLevel.Error, "What was changed of {Section} at run time is not in force: {Problem}")]
    static partial void LogRefused(ILogger logger, string section, string problem);

    [LoggerMessage(5, LogLevel.Information, "Configuration changed and in force: {Keys}")]
    static partial void LogSwapped(ILogger logger, string keys);
}
