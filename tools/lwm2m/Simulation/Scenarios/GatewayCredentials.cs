using System.Text.Json;
using Tools.Output;

namespace Tools.Simulation.Scenarios;

/// <summary>What a gateway needs to let simulated devices in: the file of its setting `credentials.file`.</summary>
static class GatewayCredentials
{
    /// <summary>One entry for each identity, a JSON array.</summary>
    public static string Write(IEnumerable<DevicePlan> plans) => JsonSerializer.Serialize(
        plans.Where(plan => plan.Dtls is not null).GroupBy(plan => plan.Dtls!.Identity, StringComparer.Ordinal).Select(each => new
        {
            Identity = each.Key,
            Endpoint = RuleOf([.. each.Select(plan => plan.Settings.Endpoint)]),
            Psk = Convert.ToHexStringLower(each.First().Dtls!.Key),
        }),
        OutputJson.Line);

    // Who share an identity share at most how their names begin.
    static string RuleOf(string[] endpoints) =>
        endpoints is [var only] ? only : endpoints.Aggregate((a, b) => a[..a.AsSpan().CommonPrefixLength(b)]) + "*";
}
