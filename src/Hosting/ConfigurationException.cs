namespace Hosting;

/// <summary>The configuration or the command line is unusable. The message lists every problem, one a line.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
