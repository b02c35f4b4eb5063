using Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Protocol.Lwm2m.Definitions;

namespace Translator;

/// <summary>
/// The rules in force: made anew when the configuration changes, or a file in <c>xml_dir</c> (looked at every two seconds). Where the configuration
/// names another folder, that one is taken when all of it can be read; until then the definitions stay as they are.
/// </summary>
public sealed partial class DefinitionSource : BackgroundService, IReadiness
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly LiveConfiguration _live;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile TranslationRules? _rules;
    private volatile DefinitionFolder _folder;
    private DefinitionFolder? _next;

    public DefinitionSource(LiveConfiguration live, TimeProvider time, ILogger<DefinitionSource> logger)
    {
        ArgumentNullException.ThrowIfNull(live);
        (_live, _time, _logger) = (live, time, logger);
        _folder = new DefinitionFolder(live.Current.Lwm2m.XmlDir);
    }

    /// <summary>Immutable; take it once per record.</summary>
    public TranslationRules Rules
    {
        get
        {
            // Read before use: whoever changes either makes the next call build.
            var (rules, configuration, definitions) = (_rules, _live.Current, _folder.Catalog);
            return rules is not null && ReferenceEquals(rules.Configuration, configuration) && rules.Definitions == definitions
                ? rules
                : _rules = new TranslationRules(configuration, definitions);
        }
    }

    public string Name => "translator.definitions";

    public bool Ready => _folder.Catalog.Count > 0;

    public string? Reason => Ready ? null : $"no object definition in {_folder.Path}";

    /// <summary>Reads the folder where it, or what the configuration says of it, has changed. One caller at a time.</summary>
    public void Reload()
    {
        var wanted = _live.Current.Lwm2m.XmlDir;
        _next = wanted == _folder.Path ? null : _next?.Path == wanted ? _next : new DefinitionFolder(wanted);
        if (_next?.Reload() == true)
        {
            LogErrors(_next);
            if (_next.Errors.Count > 0)
            {
                LogKept(_next.Path, _folder.Path);
            }
            else
            {
                LogLoaded(_next.Catalog.Count, _next.Path);
                (_folder, _next) = (_next, null);
            }
        }

        if (_folder.Reload())
        {
            LogLoaded(_folder.Catalog.Count, _folder.Path);
            LogErrors(_folder);
        }
    }

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Reload();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Reload();
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void LogErrors(DefinitionFolder folder)
    {
        foreach (var error in folder.Errors)
        {
            LogError(error.ToString());
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Count} object definitions from {Folder}")]
    private partial void LogLoaded(int count, string folder);

    [LoggerMessage(2, LogLevel.Warning, "Definition not taken: {Error}")]
    private partial void LogError(string error);

    [LoggerMessage(3, LogLevel.Error, "{Wanted} cannot be read as a whole; the definitions of {Kept} stay in force until it can")]
    private partial void LogKept(string wanted, string kept);
}
