using System.Text.RegularExpressions;
using Hosting;
using k8s.Models;

namespace Pipeline.DeployTests.Charts;

/// <summary>The chart is rendered for all values files and versions.</summary>
public sealed class RenderTests(Helm helm)
{
    [Theory]
    [MemberData(nameof(Helm.ValueFiles), MemberType = typeof(Helm))]
    public async Task It_is_linted_strictly(string values)
    {
        var said = await helm.RunAsync(
            "helm", ["lint", "--strict", Repository.Chart, "--kube-version", Helm.Versions[^1], "--values", Path.Combine(Repository.Chart, "ci", values)]);
        Assert.True(said.Code == 0, said.Out + said.Error);
    }

    [Theory]
    [MemberData(nameof(Helm.ValueFiles), MemberType = typeof(Helm))]
    public async Task Every_field_is_one_that_Kubernetes_knows_and_versions_make_no_difference(string values)
    {
        var newest = (await helm.TemplateAsync(values, Helm.Versions[^1])).Success;
        foreach (var version in Helm.Versions)
            Assert.Equal(newest, (await helm.TemplateAsync(values, version)).Success);
        Assert.NotEmpty(new Rendered(newest).Objects);
    }

    [Fact]
    public async Task Fields_that_nobody_knows_would_be_found()
    {
        var text = (await helm.TemplateAsync("default-values.yaml", Helm.Versions[^1])).Success;
        Assert.ThrowsAny<Exception>(() => new Rendered(text.Replace("externalTrafficPolicy:", "externalTraficPolicy:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_Kubernetes_that_is_too_old_is_refused()
    {
        var said = await helm.TemplateAsync("default-values.yaml", "1.29.0");
        Assert.NotEqual(0, said.Code);
        Assert.Contains(">=1.30", said.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("default-values.yaml", "templates/ingress.yaml")]
    [InlineData("default-values.yaml", "templates/config.yaml")]
    [InlineData("production-values.yaml", "templates/config.yaml")]
    [InlineData("production-values.yaml", "templates/ingress-services.yaml")]
    [InlineData("operators-values.yaml", "templates/strimzi.yaml")]
    [InlineData("host-network-values.yaml", "templates/deployments.yaml")]
    [InlineData("dtls-values.yaml", "templates/config.yaml")]
    [InlineData("dtls-values.yaml", "templates/ingress.yaml")]
    public async Task It_renders_what_was_looked_at(string values, string template)
    {
        var text = (await helm.TemplateAsync(values, Helm.Versions[^1], "--show-only", template)).Success;
        Repository.AssertSame(text, "tests", "deploy", "Golden", $"{Path.GetFileNameWithoutExtension(values)}-{Path.GetFileName(template)}");
    }

    [Fact]
    public async Task Pods_are_replaced_when_the_configuration_changes_and_only_then()
    {
        var before = await helm.RenderAsync("default-values.yaml");
        var same = await helm.RenderAsync("default-values.yaml", "--set", "translator.replicaCount=5");
        var other = await helm.RenderAsync("default-values.yaml", "--set", "config.translator.command_ttl=1h");
        Assert.Equal(Checksums(before), Checksums(same));
        Assert.All(Checksums(before).Zip(Checksums(other)), pair => Assert.NotEqual(pair.First, pair.Second));
    }

    [Theory]
    [MemberData(nameof(Helm.ValueFiles), MemberType = typeof(Helm))]
    public async Task Services_understand_their_configuration_and_find_nothing_doubtful(string values)
    {
        var rendered = await helm.RenderAsync(values);
        var files = rendered.All<V1ConfigMap>().Where(map => map.Data.ContainsKey("gateway.conf")).ToList();
        Assert.NotEmpty(files);
        foreach (var map in files)
        {
            // What is mounted in the pod is put beside.
            var folder = Directory.CreateTempSubdirectory("etc-").FullName;
            try
            {
                var text = map.Data["gateway.conf"].Replace("/etc/lwm2m/", folder + "/", StringComparison.Ordinal);
                Directory.CreateDirectory(Path.Combine(folder, "definitions"));
                foreach (var path in Regex.Matches(text, $"{folder}/[^\"]+[.]crt").Select(match => match.Value))
                {
                    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                    await File.WriteAllTextAsync(path, "", TestContext.Current.CancellationToken);
                }

                var file = Path.Combine(folder, "gateway.conf");
                await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
                var configuration = ConfigurationFiles.Read([file], out var doubtful);
                Assert.Empty(doubtful);
                Assert.NotNull(configuration.Kafka.BootstrapServers);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    static IEnumerable<string> Checksums(Rendered rendered) =>
        rendered.All<V1Deployment>().Select(d => d.Spec.Template).Append(rendered.All<V1StatefulSet>().Single().Spec.Template)
            .Select(template => template.Metadata.Annotations["checksum/config"]);
}
