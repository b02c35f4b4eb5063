using System.Collections;
using Contracts.Configuration;
using Hosting.Configuration;

namespace Hosting;

/// <summary>
/// For tools: what configuration files say, without command line and environment, so that the same files always mean the same. The section kafka alone
/// may stand in the environment too, as for services: that is where passwords come from, and it changes what is reached, not what it means.
/// </summary>
public static class ConfigurationFiles
{
    const string KafkaVariables = "KAFKA__";

    /// <param name="files">HOCON or JSON, the later winning; none = defaults.</param>
    /// <param name="doubtful">Warnings, one sentence each.</param>
    /// <exception cref="ConfigurationException">Something is unusable.</exception>
    public static GatewayConfiguration Read(IReadOnlyList<string> files, out IReadOnlyList<string> doubtful)
    {
        var report = new ConfigurationSources(files, KafkaEnvironment(), [], Environment.CurrentDirectory).Read();
        if (report.Problems.Count > 0)
            throw new ConfigurationException([.. report.Problems.Select(problem => problem.ToString())]);
        doubtful = report.Warnings;
        return report.Configuration;
    }

    /// <summary>A file of a tool's own, such as a scenario, read like configuration: a record with the attributes of Contracts.Configuration.</summary>
    /// <param name="file">HOCON or JSON.</param>
    /// <param name="check">What the attributes cannot say: problems, each naming key, value and what is allowed. Sees defaults where something was wrong.</param>
    /// <param name="doubtful">Warnings, one sentence each.</param>
    /// <exception cref="ConfigurationException">Something is unusable; it lists all problems, keys that are not known among them.</exception>
    public static T Read<T>(string file, Func<T, IEnumerable<string>> check, out IReadOnlyList<string> doubtful)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(check);
        var path = Path.GetFullPath(file);
        var report = new ConfigurationReport();
        doubtful = report.Warnings;
        if (!ConfigurationSources.TryReadFile(path, out var text, out var problem))
            throw new ConfigurationException([$"{file} {problem}"]);
        if (!HoconParser.TryParse(text, file, report.Warnings, out var root, out problem))
            throw new ConfigurationException([problem]);
        var folders = new ConfigurationFolders([Path.GetDirectoryName(path)!], Environment.CurrentDirectory, "");
        var record = (T)ConfigurationReader.Read(typeof(T), root, report, folders);
        string[] problems = [.. report.Problems.Select(each => each.ToString()), .. check(record)];
        return problems.Length == 0 ? record : throw new ConfigurationException(problems);
    }

    static Dictionary<string, string> KafkaEnvironment() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Where(e => ((string)e.Key).StartsWith(KafkaVariables, StringComparison.OrdinalIgnoreCase))
        .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "");
}
