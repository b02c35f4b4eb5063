using Contracts.Configuration;
using Hosting.Configuration;

namespace Hosting;

/// <summary>For tools: what configuration files say, without environment and command line, so that the same files always mean the same.</summary>
public static class ConfigurationFiles
{
    /// <param name="files">HOCON or JSON, the later winning; none = defaults.</param>
    /// <param name="doubtful">Warnings, one sentence each.</param>
    /// <exception cref="ConfigurationException">Something is unusable.</exception>
    public static GatewayConfiguration Read(IReadOnlyList<string> files, out IReadOnlyList<string> doubtful)
    {
        var report = new ConfigurationSources(files, new Dictionary<string, string>(), [], Environment.CurrentDirectory).Read();
        if (report.Problems.Count > 0)
            throw new ConfigurationException([.. report.Problems.Select(problem => problem.ToString())]);
        doubtful = report.Warnings;
        return report.Configuration;
    }
}
