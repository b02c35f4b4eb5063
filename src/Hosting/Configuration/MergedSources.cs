namespace Hosting.Configuration;

/// <summary>What all sources say together, before it has types; with problems something could not be read.</summary>
internal sealed record MergedSources(SettingNode Root, List<ConfigurationProblem> Problems, List<string> Warnings, ConfigurationFolders Folders);
