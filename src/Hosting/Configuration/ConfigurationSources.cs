using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>Where settings come from, the later winning: files in their order, environment, command line.</summary>
internal sealed class ConfigurationSources(
    IReadOnlyList<string> files,
    IReadOnlyDictionary<string, string> environment,
    IReadOnlyList<(string[] Path, string Value)> commandLine,
    string workingFolder)
{
    const long LargestFile = 16 << 20;

    static readonly string ShippedDefinitions = Path.Combine(AppContext.BaseDirectory, "lwm2m_xml");

    public IReadOnlyList<string> Files => files;

    /// <summary>Reads everything anew.</summary>
    /// <param name="definitions">The folder of object definitions that is in force, and stays so where the files name one that is not there.</param>
    public ConfigurationReport Read(string? definitions = null)
    {
        var report = new ConfigurationReport();
        var root = SettingNode.Section("configuration");
        List<string> folders = [];
        foreach (var file in files)
        {
            var full = Path.GetFullPath(file, workingFolder);
            folders.Insert(0, Path.GetDirectoryName(full)!);
            if (!TryReadFile(full, out var text, out var problem))
                report.Problems.Add(new ConfigurationProblem("--config", file, problem, null));
            else if (HoconParser.TryParse(text, file, report.Warnings, out var section, out problem))
                root.Merge(section);
            else
                report.Problems.Add(new ConfigurationProblem("--config", file, problem, null));
        }

        AddEnvironment(root);
        foreach (var (path, value) in commandLine)
            root.Set(path, new SettingNode("command line") { Text = value });
        ConfigurationReader.Read(root, report, new ConfigurationFolders(folders, workingFolder, ShippedDefinitions, definitions));
        return report;
    }

    /// <summary>The text of every file, so that a change can be seen; null where it cannot be read.</summary>
    public IReadOnlyList<string?> Contents() =>
        [.. files.Select(f => TryReadFile(Path.GetFullPath(f, workingFolder), out var text, out _) ? text : null)];

    void AddEnvironment(SettingNode root)
    {
        var sections = SchemaSection.Root.Keys.Select(k => k.Name.Split('.')[0]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in environment.OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            var path = name.ToLowerInvariant().Split("__");
            if (path.Length > 1 && sections.Contains(path[0]) && !path.Contains(""))
                root.Set(path, new SettingNode($"environment {name}") { Text = value });
        }
    }

    static bool TryReadFile(string path, out string text, out string problem)
    {
        text = "";
        problem = "";
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > LargestFile })
                problem = "is larger than 16 MB";
            else
                text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"cannot be read: {e.Message}";
        }

        return problem.Length == 0;
    }
}
