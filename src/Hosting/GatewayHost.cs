using System.Collections;
using System.Diagnostics.Metrics;
using System.Reflection;
using Contracts.Configuration;
using Hosting.Configuration;
using Hosting.Metrics;
using Hosting.Traces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Hosting;

/// <summary>What all services share at start and at the end: configuration, health, metrics, logs, graceful stop.</summary>
public static partial class GatewayHost
{
    /// <summary>Below the 30 s that Kubernetes and systemd grant.</summary>
    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(25);

    static readonly Dictionary<string, int> Ports = new() { ["ingress"] = 18084, ["translator"] = 18085, ["egress"] = 18086 };

    /// <summary>The version, with the first letters of the commit where the build knew it.</summary>
    public static string Version { get; } = ShortVersion();

    /// <summary>
    /// The whole life of a service. Exit codes: 0 stopped in order, 1 could not start or failed while running, 2 configuration or
    /// command line unusable (every problem is printed, one a line).
    /// </summary>
    public static async Task<int> RunAsync(string service, string[] args, Action<GatewayHostBuilder> configure,
        params HostSwitch[] switches)
    {
        var line = HostCommandLine.Parse(args, switches);
        if (line.Switches.TryGetValue("help", out var form))
        {
            Console.Out.Write(form == "markdown" ? ConfigurationHelp.Markdown() : Help(service, switches));
            return 0;
        }

        if (line.Switches.ContainsKey("version"))
        {
            Console.Out.WriteLine($"{service} {Version}");
            return 0;
        }

        try
        {
            await using var app = Create(service, args, configure, switches);
            await LiveAsync(app, service);
            // A service that hangs in its own end has failed, too.
            return HostDoors.Troubles(app.Services).Count > 0 ? 1 : 0;
        }
        catch (ConfigurationException e)
        {
            await Console.Error.WriteLineAsync($"{service} does not start: {e.Problems.Count} problem(s) in the configuration");
            foreach (var problem in e.Problems)
                await Console.Error.WriteLineAsync($"  {problem}");
            return 2;
        }
        catch (Exception e)
        {
            // A port in use or a topic that does not fit is for the operator to read; where in the code it showed is not.
            var where = line.Switches.ContainsKey("verbose") ? $"\n{e}" : " (--verbose shows where)";
            await Console.Error.WriteLineAsync($"{service} does not start: {e.Message}{where}");
            return 1;
        }
    }

    static async Task LiveAsync(WebApplication app, string service)
    {
        try
        {
            await app.StartAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop before all had started.
            await app.StopAsync();
            return;
        }

        Announce(app, service);
        await app.WaitForShutdownAsync();
    }

    /// <summary>The same host, not started: for tests and for programs that hold several services.</summary>
    /// <exception cref="ConfigurationException">Something is unusable.</exception>
    public static WebApplication Create(string service, string[] args, Action<GatewayHostBuilder> configure, params HostSwitch[] switches)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "");
        return Create(service, args, environment, TimeProvider.System, configure, switches);
    }

    internal static WebApplication Create(string service, string[] args, IReadOnlyDictionary<string, string> environment,
        TimeProvider time, Action<GatewayHostBuilder> configure, params HostSwitch[] switches)
    {
        var line = HostCommandLine.Parse(args, switches);
        var sources = new ConfigurationSources(line.Files, environment, line.Settings, Environment.CurrentDirectory);
        var report = sources.Read();
        if (line.Problems.Count + report.Problems.Count > 0)
            throw new ConfigurationException([.. line.Problems, .. report.Problems.Select(p => p.ToString())]);

        var verbose = line.Switches.ContainsKey("verbose");
        var web = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = service });
        var formatter = report.Configuration.Log.Console.Formatter;
        AddConsole(web.Logging, service, time, verbose, formatter);
        var bind = report.Configuration.Http.Bind ?? BindAddress.Loopback(Ports.GetValueOrDefault(service, 18083));
        web.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (bind.Address is null)
                kestrel.ListenAnyIP(bind.Port);
            else
                kestrel.Listen(bind.ToEndPoint());
        });
        web.Services.AddRouting();
        web.Services.AddMetrics();
        web.Services.TryAddSingleton(time);
        web.Services.Configure<HostOptions>(o => o.ShutdownTimeout = StopTimeout);
        web.Services.AddSingleton(p => new HostMetrics(p.GetRequiredService<IMeterFactory>()));
        web.Services.AddHostedService<ConfigurationWatcher>();

        using var startLogs = LoggerFactory.Create(logging => AddConsole(logging, service, time, verbose, formatter));
        var startLogger = startLogs.CreateLogger("Hosting");
        Report(startLogger, report);
        var live = new LiveConfiguration(report.Configuration, sources);
        web.Services.AddSingleton(live);
        web.Services.AddSingleton<Trails>();
        web.Services.AddSingleton(_ => new OtlpExport(service, report.Configuration));
        var builder = new GatewayHostBuilder(service, web, live, line.Switches);
        configure(builder);

        var app = web.Build();
        live.Logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Hosting");
        // Listening begins here, so that no count is lost before the first scrape.
        app.Services.GetRequiredService<HostMetrics>();
        app.Services.GetRequiredService<OtlpExport>();
        HostDoors.Map(app);
        foreach (var door in builder.Doors)
            door(app);
        return app;
    }

    static void AddConsole(ILoggingBuilder logging, string service, TimeProvider time, bool verbose, string formatter)
    {
        logging.SetMinimumLevel(verbose ? LogLevel.Debug : LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("System", LogLevel.Warning);
        logging.Services.AddSingleton<ConsoleFormatter>(new ConsoleLines(service, time, verbose));
        logging.Services.AddSingleton<ConsoleFormatter>(new JsonLines(service, time));
        logging.AddConsole(options => options.FormatterName = formatter == "json" ? JsonLines.FormatterName : ConsoleLines.FormatterName);
    }

    static void Report(ILogger logger, ConfigurationReport report)
    {
        foreach (var note in report.Notes)
            LogNote(logger, note);
        foreach (var warning in report.Warnings)
            LogWarning(logger, warning);
    }

    static void Announce(WebApplication app, string service) =>
        LogStarted(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Hosting"), service, Version,
            string.Join(", ", app.Urls));

    static string ShortVersion()
    {
        var full = typeof(GatewayHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
        var plus = full.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? full : full[..Math.Min(full.Length, plus + 8)];
    }

    static string Help(string service, IEnumerable<HostSwitch> switches)
    {
        var lines = HostCommandLine.OwnSwitches.Concat(switches).Select(s => $"  --{s.Name,-12} {s.Doc}");
        return $"""
            {service} {Version}

            Switches:
            {string.Join('\n', lines)}

            Every key can stand in a file ({"{ ... }"} as in emqx.conf, or JSON), in the environment (GATEWAY__LWM2M__XML_DIR=...)
            and on the command line (--gateway:lwm2m:xml_dir=...); the later of these wins. Keys, types and defaults:

            {ConfigurationHelp.Text()}
            """;
    }

    [LoggerMessage(10, LogLevel.Information, "{Service} {Version} answers /healthz, /readyz and /metrics on {Urls}")]
    static partial void LogStarted(ILogger logger, string service, string version, string urls);

    [LoggerMessage(11, LogLevel.Information, "{Note}")]
    static partial void LogNote(ILogger logger, string note);

    [LoggerMessage(12, LogLevel.Warning, "Configuration: {Warning}")]
    static partial void LogWarning(ILogger logger, string warning);
}
