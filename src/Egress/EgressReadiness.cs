using Hosting;

namespace Egress;

/// <summary>A part of Egress that readiness waits for.</summary>
internal sealed class EgressReadiness(string name, Func<string?> trouble) : IReadiness
{
    public string Name => name;

    public bool Ready => trouble() is null;

    public string? Reason => trouble();
}
