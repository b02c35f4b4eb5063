using System.Text.Json;

namespace Pipeline.DeployTests.Charts;

/// <summary>kube-score finds nothing critical that is not explained here.</summary>
public sealed class ScoreTests(Helm helm)
{
    static readonly Dictionary<string, string> Explained = new()
    {
        ["container-security-context-user-group-id"] = "1654 is the user that .NET's images come with",
        ["container-image-pull-policy"] = "tags are versions; who wants more names a digest",
    };

    public static TheoryData<string> ValueFiles => Helm.ValueFiles;

    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task Nothing_critical_is_left_unexplained(string values)
    {
        // The Services of single pods select by a label that the StatefulSet's controller adds, which kube-score does not know.
        var text = (await helm.TemplateAsync(values, Helm.Versions[^1], "--set", "ingress.service.perPod=false")).Success;
        var said = await helm.RunAsync("kube-score", ["score", "-", "--kubernetes-version", "v1.35", "--output-format", "json"], text);
        using var report = JsonDocument.Parse(said.Out);
        var critical = report.RootElement.EnumerateArray().SelectMany(o => o.GetProperty("checks").EnumerateArray().Select(check => (Object: o, Check: check)))
            .Where(found => found.Check.GetProperty("grade").GetInt32() == 1 && !found.Check.GetProperty("skipped").GetBoolean())
            .Select(found => (Id: found.Check.GetProperty("check").GetProperty("id").GetString()!, Object: found.Object.GetProperty("object_name").GetString()!));
        // Pods in the node's network are out of reach of policies, and were asked for without any.
        Assert.DoesNotContain(critical, c => !Explained.ContainsKey(c.Id) && !(values == "host-network-values.yaml" && c.Id == "pod-networkpolicy"));
    }
}
