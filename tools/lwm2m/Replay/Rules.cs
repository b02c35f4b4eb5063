using Contracts;
using Contracts.Configuration;
using Hosting;
using Protocol.Lwm2m.Definitions;
using Translator;
using Translator.Uplink;

namespace Tools.Replay;

/// <summary>A configuration and a folder of definitions, and what the Translator makes of traffic by them.</summary>
sealed class Rules
{
    readonly TranslationRules _rules;

    Rules(GatewayConfiguration configuration, DefinitionCatalog definitions) => _rules = new TranslationRules(configuration, definitions);

    public GatewayConfiguration Configuration => _rules.Configuration;

    public DefinitionCatalog Definitions => _rules.Definitions;

    /// <summary>The definitions of the folder; else of the one that the configuration names; else those that the tool carries.</summary>
    /// <param name="files">Configuration files, the later winning; none = defaults.</param>
    /// <param name="xml">Folder of object definitions, instead of what the configuration says.</param>
    /// <param name="warn">Takes what is doubtful.</param>
    /// <exception cref="ConfigurationException">The configuration is unusable.</exception>
    public static Rules Read(IReadOnlyList<string> files, string? xml, Action<string> warn)
    {
        var configuration = ConfigurationFiles.Read(files, out var doubtful);
        foreach (var warning in doubtful)
            warn(warning);
        return new Rules(configuration, Tools.Definitions.Load(xml ?? (files.Count > 0 ? configuration.Lwm2m.XmlDir : null), warn));
    }

    /// <summary>The events of one uplink event; none where the publish condition is not met.</summary>
    /// <param name="problem">Why it could not be translated: live it would have become a dead letter.</param>
    public IReadOnlyList<ReplayedEvent> Translate(UplinkEvent happened, out string? problem)
    {
        problem = null;
        try
        {
            return [.. UplinkPipeline.Translate(happened, _rules).Select(device => ReplayedEvent.Of(happened, device))];
        }
#pragma warning disable CA1031 // As in the pipeline: one record, whatever is wrong with it, is that record's ending.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            problem = $"{happened.Endpoint}: {happened.Kind}: {bug.Message}";
            return [];
        }
    }
}
