using System.Net;
using System.Text.RegularExpressions;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Pipeline.DeployTests.Charts;

namespace Pipeline.DeployTests.Cluster;

/// <summary>The life of a release on a real control plane, in namespaces that enforce the profile "restricted".</summary>
public sealed partial class InstallTests(ControlPlane cluster) : IClassFixture<ControlPlane>
{
    const string Patience = "3m";

    readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Default_values_are_installed_changed_scaled_rolled_back_and_taken_away()
    {
        Helm.SkipUnlessThere();
        var space = await cluster.NamespaceAsync("default-values");
        var notes = await InstallAsync("gw", space, "default-values.yaml");
        Assert.Equal(3, NextCommand().Count(notes[notes.IndexOf("Next:", StringComparison.Ordinal)..]));
        Assert.Contains("WARNING: ingress.tokenKey.existingSecret", notes, StringComparison.Ordinal);
        Assert.Equal((2, 2, 2, 1), await ReadyAsync(space));
        // What was made beforehand has gone again.
        Assert.DoesNotContain(await cluster.ContentsAsync(space), name => name.Contains("-topics", StringComparison.Ordinal) || name.Contains("-tools", StringComparison.Ordinal));

        // Another configuration: every pod is another one.
        var before = await UidsAsync(space);
        await UpgradeAsync("gw", space, "default-values.yaml", "--set", "config.translator.command_ttl=1h");
        Assert.Empty(before.Intersect(await UidsAsync(space)));

        // Each service for itself: the pods of the others stay.
        foreach (var (service, replicas) in new[] { ("ingress", (4, 2, 2, 1)), ("translator", (2, 3, 2, 1)), ("egress", (2, 2, 3, 1)), ("dashboard", (2, 2, 2, 2)) })
        {
            before = await UidsAsync(space);
            var (ingress, translator, egress, dashboard) = replicas;
            await UpgradeAsync("gw", space, "default-values.yaml", "--set",
                $"config.translator.command_ttl=1h,ingress.replicaCount={ingress},translator.replicaCount={translator},egress.replicaCount={egress},dashboard.replicaCount={dashboard}");
            await EventuallyAsync(async () => await ReadyAsync(space) == replicas, $"{service} is scaled");
            var kept = (await UidsAsync(space)).Intersect(before).Count();
            Assert.True(kept >= 7, $"{service}: {kept} pods stayed");
        }

        await ExpectAsync("rollback", "gw", "1", "-n", space, "--wait", "--timeout", Patience);
        await EventuallyAsync(async () => await ReadyAsync(space) == (2, 2, 2, 1), "as at the beginning");
        await ExpectAsync("uninstall", "gw", "-n", space, "--wait", "--timeout", Patience);
        await EventuallyAsync(async () => (await cluster.ContentsAsync(space)).Count == 0, "nothing is left");
    }

    [Fact]
    public async Task Production_values_are_installed_upgraded_and_taken_away()
    {
        Helm.SkipUnlessThere();
        var space = await cluster.NamespaceAsync("production-values");
        await InstallAsync("gw", space, "production-values.yaml");
        // The autoscaler sees to its minimum a little later.
        await EventuallyAsync(async () => await ReadyAsync(space) == (3, 3, 3, 2), "all are there");
        var slots = await cluster.Api.CoreV1.ListNamespacedServiceAsync(space, cancellationToken: _ct);
        Assert.Equal(6, slots.Items.Count(s => s.Spec.Selector.ContainsKey("statefulset.kubernetes.io/pod-name")));

        var before = await UidsAsync(space);
        await UpgradeAsync("gw", space, "production-values.yaml", "--set", "image.tag=0.1.1");
        await EventuallyAsync(async () => await ReadyAsync(space) == (3, 3, 3, 2), "all are there again");
        Assert.Empty(before.Intersect(await UidsAsync(space)));
        // The replicas of who is scaled by others are not set back.
        await cluster.Api.AppsV1.PatchNamespacedStatefulSetScaleAsync(
            new V1Patch("""{"spec":{"replicas":5}}""", V1Patch.PatchType.MergePatch), "gw-lwm2m-gateway-ingress", space, cancellationToken: _ct);
        await UpgradeAsync("gw", space, "production-values.yaml", "--set", "image.tag=0.1.2");
        Assert.Equal(5, (await cluster.Api.AppsV1.ReadNamespacedStatefulSetAsync("gw-lwm2m-gateway-ingress", space, cancellationToken: _ct)).Spec.Replicas);

        await ExpectAsync("uninstall", "gw", "-n", space, "--wait", "--timeout", Patience);
        await EventuallyAsync(async () => (await cluster.ContentsAsync(space)).Count == 0, "nothing is left");
    }

    [Fact]
    public async Task Listeners_of_DTLS_are_installed_and_one_that_nobody_can_open_is_told()
    {
        Helm.SkipUnlessThere();
        var space = await cluster.NamespaceAsync("dtls-values");
        const string warning = "nobody comes in over ingress.listeners.dtls.";
        Assert.DoesNotContain(warning, await InstallAsync("gw", space, "dtls-values.yaml"), StringComparison.Ordinal);
        var ports = (await cluster.Api.CoreV1.ReadNamespacedServiceAsync("gw-lwm2m-gateway-ingress", space, cancellationToken: _ct)).Spec.Ports;
        Assert.Equal([5784, 5786], ports.Select(port => port.Port).Order());
        var notes = await UpgradeAsync("gw", space, "dtls-values.yaml", "--set", "ingress.credentials.existingSecret=");
        Assert.Contains(warning + "default", notes, StringComparison.Ordinal);
        Assert.DoesNotContain(warning + "certs", notes, StringComparison.Ordinal);
        await ExpectAsync("uninstall", "gw", "-n", space, "--wait", "--timeout", Patience);
    }

    [Fact]
    public async Task Two_releases_live_beside_each_other()
    {
        Helm.SkipUnlessThere();
        var space = await cluster.NamespaceAsync("two-releases");
        await Task.WhenAll(InstallAsync("east", space, "default-values.yaml", "--set", "kafka.topicPrefix=east"), InstallAsync("west", space, "default-values.yaml", "--set", "kafka.topicPrefix=west"));

        // No Service leads to the other's pods.
        var slices = await cluster.Api.DiscoveryV1.ListNamespacedEndpointSliceAsync(space, cancellationToken: _ct);
        Assert.NotEmpty(slices.Items);
        foreach (var slice in slices.Items)
        {
            var release = slice.Metadata.Labels["kubernetes.io/service-name"].Split('-')[0];
            Assert.All(slice.Endpoints ?? [], endpoint => Assert.StartsWith(release + "-", endpoint.TargetRef.Name, StringComparison.Ordinal));
        }

        await ExpectAsync("uninstall", "east", "-n", space, "--wait", "--timeout", Patience);
        await EventuallyAsync(
            async () => (await cluster.ContentsAsync(space)).All(name => name.Contains("west", StringComparison.Ordinal)), "east has gone, and only east");
        Assert.Equal((2, 2, 2, 1), await ReadyAsync(space));
        await ExpectAsync("uninstall", "west", "-n", space, "--wait", "--timeout", Patience);
    }

    [Fact]
    public async Task Who_may_ask_about_a_StatefulSet_may_ask_nothing_else()
    {
        Helm.SkipUnlessThere();
        var space = await cluster.NamespaceAsync("rights");
        await InstallAsync("gw", space, "default-values.yaml");
        Assert.True(await MayAsync("ingress", "get", "statefulsets", "gw-lwm2m-gateway-ingress"));
        Assert.False(await MayAsync("ingress", "get", "statefulsets", "another"));
        Assert.False(await MayAsync("ingress", "update", "statefulsets", "gw-lwm2m-gateway-ingress"));
        Assert.False(await MayAsync("ingress", "list", "secrets", null));
        Assert.False(await MayAsync("translator", "get", "statefulsets", "gw-lwm2m-gateway-ingress"));
        await ExpectAsync("uninstall", "gw", "-n", space, "--wait", "--timeout", Patience);

        async Task<bool> MayAsync(string service, string verb, string resource, string? name)
        {
            var review = await cluster.Api.AuthorizationV1.CreateSubjectAccessReviewAsync(new V1SubjectAccessReview
            {
                Spec = new V1SubjectAccessReviewSpec
                {
                    User = $"system:serviceaccount:{space}:gw-lwm2m-gateway-{service}",
                    ResourceAttributes = new V1ResourceAttributes
                    {
                        NamespaceProperty = space, Verb = verb, Resource = resource, Group = resource == "statefulsets" ? "apps" : "", Name = name,
                    },
                },
            }, cancellationToken: _ct);
            return review.Status.Allowed;
        }
    }

    // Otherwise the namespaces of the tests above would prove nothing.
    [Fact]
    public async Task A_pod_that_is_not_restricted_is_refused()
    {
        Helm.SkipUnlessThere();
        var space = await cluster.NamespaceAsync("strict");
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "loose" },
            Spec = new V1PodSpec { Containers = [new V1Container { Name = "loose", Image = "loose:1" }] },
        };
        var refused = await Assert.ThrowsAsync<HttpOperationException>(() => cluster.Api.CoreV1.CreateNamespacedPodAsync(pod, space, cancellationToken: _ct));
        Assert.Equal(HttpStatusCode.Forbidden, refused.Response.StatusCode);
        Assert.Contains("restricted", refused.Response.Content, StringComparison.Ordinal);
    }

    Task<string> InstallAsync(string release, string space, string values, params string[] more) =>
        ExpectAsync(["install", release, Repository.Chart, "-n", space, "--wait", "--timeout", Patience, "--values", Path.Combine(Repository.Chart, "ci", values), .. more]);

    Task<string> UpgradeAsync(string release, string space, string values, params string[] more) =>
        ExpectAsync(["upgrade", release, Repository.Chart, "-n", space, "--wait", "--timeout", Patience, "--values", Path.Combine(Repository.Chart, "ci", values), .. more]);

    async Task<string> ExpectAsync(params string[] arguments) => (await cluster.HelmAsync(arguments)).Success;

    /// <summary>Ready pods of Ingress, Translator, Egress, Dashboard.</summary>
    async Task<(int, int, int, int)> ReadyAsync(string space)
    {
        var pods = await LivingAsync(space);
        return (Of("ingress"), Of("translator"), Of("egress"), Of("dashboard"));

        int Of(string component) => pods.Count(pod =>
            pod.Metadata.Labels["app.kubernetes.io/component"] == component && pod.Status.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true);
    }

    async Task<HashSet<string>> UidsAsync(string space) => [.. (await LivingAsync(space)).Select(pod => pod.Metadata.Uid)];

    async Task<IReadOnlyList<V1Pod>> LivingAsync(string space)
    {
        var pods = await cluster.Api.CoreV1.ListNamespacedPodAsync(space, cancellationToken: _ct);
        return [.. pods.Items.Where(pod => pod.Metadata.DeletionTimestamp is null && pod.Status.Phase is not ("Succeeded" or "Failed"))];
    }

    async Task EventuallyAsync(Func<Task<bool>> holds, string what)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(_ct);
        bound.CancelAfter(TimeSpan.FromMinutes(2));
        while (!await holds())
        {
            if (bound.IsCancellationRequested)
                Assert.Fail($"Never came true: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), _ct);
        }
    }

    [GeneratedRegex(@"^   (kubectl|helm) ", RegexOptions.Multiline)]
    private static partial Regex NextCommand();
}
