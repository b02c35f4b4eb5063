using System.CommandLine;
using Hosting;
using Protocol.Lwm2m.Definitions;
using Tools.Replay;

namespace Tools.Commands;

/// <summary>A configuration and a folder of object definitions: <c>--config</c> and <c>--xml</c>, which most commands have.</summary>
sealed class RuleSwitches
{
    readonly Option<FileInfo[]> _config;
    readonly Option<DirectoryInfo>? _xml;

    /// <param name="config">What the configuration is for.</param>
    /// <param name="xml">What the definitions are for; null: the command takes none.</param>
    public RuleSwitches(string config, string? xml = null)
        : this(new Option<FileInfo[]>("--config", "-c") { Description = config }, xml is null ? null : new Option<DirectoryInfo>("--xml") { Description = xml })
    {
    }

    RuleSwitches(Option<FileInfo[]> config, Option<DirectoryInfo>? xml)
    {
        (_config, _xml) = (config, xml);
        _config.AcceptExistingOnly();
        _xml?.AcceptExistingOnly();
    }

    /// <summary>A second pair, beside the usual one: <c>--PREFIX-config</c> and <c>--PREFIX-xml</c>.</summary>
    public static RuleSwitches Second(string prefix, string config, string xml) => new(
        new Option<FileInfo[]>($"--{prefix}-config") { Description = config }, new Option<DirectoryInfo>($"--{prefix}-xml") { Description = xml });

    public void AddTo(Command command)
    {
        command.Options.Add(_config);
        if (_xml is not null)
            command.Options.Add(_xml);
    }

    /// <summary>Configuration files, the later winning.</summary>
    public IReadOnlyList<string> Files(ParseResult arguments) => [.. (arguments.GetValue(_config) ?? []).Select(file => file.FullName)];

    /// <summary>Null where none is given.</summary>
    public string? Folder(ParseResult arguments) => _xml is null ? null : arguments.GetValue(_xml)?.FullName;

    /// <inheritdoc cref="Rules.Read"/>
    public Rules Read(ParseResult arguments) => Rules.Read(Files(arguments), Folder(arguments), Console.Error.WriteLine);

    /// <inheritdoc cref="Definitions.Load"/>
    public DefinitionCatalog Definitions(ParseResult arguments) => Tools.Definitions.Load(Folder(arguments), Console.Error.WriteLine);

    /// <summary>The configuration alone, for commands that only want to know where Kafka is.</summary>
    public Contracts.Configuration.GatewayConfiguration Configuration(ParseResult arguments) => ConfigurationFiles.Read(Files(arguments), out _);
}
