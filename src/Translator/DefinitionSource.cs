using Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Protocol.Lwm2m.Definitions;

namespace Translator;

/// <summary>The rules in force: made anew when the configuration changes, or a file in <c>xml_dir</c> (looked at every two seconds).</summary>
public sealed partial class DefinitionSource : BackgroundService, IReadiness
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly LiveConfiguration _live;
    private readonly DefinitionFolder _folder;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile TranslationRules? _rules;

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

    /// <summary>Reads the folder where it has changed.</summary>
    public void Reload()
    {
        if (!_folder.Reload())
        {
            return;
        }

        LogLoaded(_folder.Catalog.Count, _folder.Path);
        foreach (var error in _folder.Errors)
        {
            LogError(error.ToString());
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

    [LoggerMessage(1, LogLevel.Information, "{Count} object definitions from {Folder}")]
    private partial void LogLoaded(int count, string folder);

    [LoggerMessage(2, LogLevel.Warning, "Definition not taken: {Error}")]
    private partial void LogError(string error);
}
