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

    static Dictionary<string, string> KafkaEnvironment() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Where(e => ((string)e.Key).StartsWith(KafkaVariables, StringComparison.OrdinalIgnoreCase))
        .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "");
}
