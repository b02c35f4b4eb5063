namespace Hosting.Configuration;

/// <summary>What all sources say together, before it has types; with problems something could not be read.</summary>
internal sealed record MergedSources(SettingNode Root, List<ConfigurationProblem> Problems, List<string> Warnings, ConfigurationFolders Folders)
{
    /// <summary>The same, while this folder of object definitions is in force; null: none is yet.</summary>
    public MergedSources WithDefinitions(string? folder) => this with { Folders = Folders with { InForce = folder } };
}
