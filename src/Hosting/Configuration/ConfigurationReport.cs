using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>What reading all sources gave. With problems the configuration holds defaults in their places and must not be used.</summary>
internal sealed class ConfigurationReport
{
    public GatewayConfiguration Configuration { get; set; } = new();

    /// <summary>Refuse to start.</summary>
    public List<ConfigurationProblem> Problems { get; } = [];

    /// <summary>Doubtful; each says how it was taken.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>Worth one line.</summary>
    public List<string> Notes { get; } = [];
}
