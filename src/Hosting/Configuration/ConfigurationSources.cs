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

    /// <summary>Defaults only.</summary>
    public static ConfigurationSources None { get; } = new([], new Dictionary<string, string>(), [], Environment.CurrentDirectory);

    public IReadOnlyList<string> Files => files;

    /// <summary>Reads everything anew.</summary>
    /// <param name="definitions">The folder of object definitions that is in force, and stays so where the files name one that is not there.</param>
    public ConfigurationReport Read(string? definitions = null) => Interpret(Merge().WithDefinitions(definitions), []);

    /// <summary>Reads every source, and lays the later over the earlier.</summary>
    public MergedSources Merge()
    {
        var merged = new MergedSources(SettingNode.Section("configuration"), [], [], FoldersOf(files));
        foreach (var file in files)
        {
            if (!TryReadFile(Path.GetFullPath(file, workingFolder), out var text, out var problem))
                merged.Problems.Add(new ConfigurationProblem("--config", file, problem, null));
            else if (HoconParser.TryParse(text, file, merged.Warnings, out var section, out problem))
                merged.Root.Merge(section);
            else
                merged.Problems.Add(new ConfigurationProblem("--config", file, problem, null));
        }

        AddEnvironment(merged.Root);
        foreach (var (path, value) in commandLine)
            merged.Root.Set(path, new SettingNode("command line") { Text = value });
        return merged;
    }

    /// <summary>What the sources mean, with patches laid over them in this order.</summary>
    public static ConfigurationReport Interpret(MergedSources merged, IEnumerable<OverlayPatch> patches)
    {
        var report = new ConfigurationReport();
        report.Problems.AddRange(merged.Problems);
        report.Warnings.AddRange(merged.Warnings);
        var root = merged.Root.Copy();
        foreach (var patch in patches)
            root.Patch(patch.Section, patch.Settings);
        ConfigurationReader.Read(root, report, merged.Folders);
        return report;
    }

    /// <summary>The text of every file, so that a change can be seen; null where it cannot be read.</summary>
    public IReadOnlyList<string?> Contents() =>
        [.. files.Select(f => TryReadFile(Path.GetFullPath(f, workingFolder), out var text, out _) ? text : null)];

    // The folder of the file that wins comes first.
    ConfigurationFolders FoldersOf(IEnumerable<string> names) => new(
        [.. names.Select(f => Path.GetDirectoryName(Path.GetFullPath(f, workingFolder))!).Reverse()], workingFolder, ShippedDefinitions);

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

    internal static bool TryReadFile(string path, out string text, out string problem)
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
