using System.Text.Json;
using k8s.Models;

namespace Pipeline.DeployTests.Charts;

/// <summary>What must hold of every render.</summary>
public sealed class PolicyTests(Helm helm)
{
    // Keys of the configuration that are secret, and librdkafka's.
    static readonly string[] SecretKeys = ["sasl_password", "ssl_key_password", "token_key", "api_keys", "\"password\"", "client.secret"];

    public static TheoryData<string> ValueFiles => Helm.ValueFiles;

    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task Every_container_is_restricted_and_limited(string values)
    {
        var rendered = await helm.RenderAsync(values);
        foreach (var (name, _, pod) in rendered.Pods)
        {
            Assert.True(pod.SecurityContext is { RunAsNonRoot: true, RunAsUser: 1654, SeccompProfile.Type: "RuntimeDefault" }, name);
            Assert.False(pod.EnableServiceLinks, name);
            foreach (var container in pod.Containers.Concat(pod.InitContainers ?? []))
            {
                var security = container.SecurityContext;
                Assert.True(security is { RunAsNonRoot: true, RunAsUser: 1654, ReadOnlyRootFilesystem: true, AllowPrivilegeEscalation: false }, container.Name);
                Assert.Equal(["ALL"], security.Capabilities.Drop);
                Assert.Null(security.Capabilities.Add);
                Assert.All(["cpu", "memory", "ephemeral-storage"], resource =>
                {
                    Assert.True(container.Resources.Requests.ContainsKey(resource), container.Name);
                    Assert.True(container.Resources.Limits.ContainsKey(resource), container.Name);
                });
                Assert.DoesNotContain(":latest", container.Image, StringComparison.Ordinal);
                Assert.Matches("[:@]", container.Image);
            }
        }
    }

    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task Only_Ingress_may_speak_to_Kubernetes_and_only_about_itself(string values)
    {
        var rendered = await helm.RenderAsync(values);
        var drains = rendered.All<V1Role>().Any();
        Assert.All(rendered.Pods, pod => Assert.Equal(drains && pod.Spec == IngressOf(rendered).Spec, pod.Spec.AutomountServiceAccountToken));
        foreach (var role in rendered.All<V1Role>())
        {
            var rule = Assert.Single(role.Rules);
            Assert.Equal(["get", "statefulsets", IngressOf(rendered).Name], [.. rule.Verbs, .. rule.Resources, .. rule.ResourceNames]);
        }

        Assert.Empty(rendered.All<V1ClusterRole>());
        Assert.Equal(
            rendered.Services.Select(pod => pod.Spec.ServiceAccountName).Order(),
            rendered.All<V1ServiceAccount>().Select(account => account.Metadata.Name).Order());
    }

    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task Probes_have_meanings_of_their_own(string values)
    {
        var rendered = await helm.RenderAsync(values);
        foreach (var (_, labels, pod) in rendered.Services)
        {
            var container = Assert.Single(pod.Containers);
            var http = container.Ports.Single(port => port.Name == "http");
            Assert.Equal(DocumentedPort(labels["app.kubernetes.io/component"]), http.ContainerPort);
            Assert.Equal($"{http.ContainerPort}", container.Env.Single(e => e.Name == "HTTP__BIND").Value);
            Assert.Equal(("/healthz", "/readyz", "/healthz"), (container.StartupProbe.HttpGet.Path, container.ReadinessProbe.HttpGet.Path, container.LivenessProbe.HttpGet.Path));
            Assert.All([container.StartupProbe, container.ReadinessProbe, container.LivenessProbe], probe => Assert.Equal("http", probe.HttpGet.Port.Value));
            // A pod that is slow to start is not killed for it; one that is not ready for a moment is not taken out (three answers in a row).
            Assert.True(container.StartupProbe.FailureThreshold * container.StartupProbe.PeriodSeconds >= 300);
            Assert.True(container.ReadinessProbe.FailureThreshold >= 3);
            Assert.True(container.LivenessProbe.FailureThreshold * container.LivenessProbe.PeriodSeconds >= 60);
        }
    }

    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task The_time_to_end_is_longer_than_what_a_service_takes_for_it(string values)
    {
        var rendered = await helm.RenderAsync(values);
        foreach (var (_, labels, pod) in rendered.Services)
        {
            var container = pod.Containers[0];
            var before = container.Lifecycle?.PreStop switch
            {
                { Sleep: { } sleep } => sleep.Seconds,
                { Exec: { } exec } => int.Parse(exec.Command[exec.Command.IndexOf("--timeout") + 1].TrimEnd('s')),
                _ => 0,
            };
            // src/Hosting gives a service 25 s.
            Assert.True(pod.TerminationGracePeriodSeconds >= before + 25 + 5, labels["app.kubernetes.io/component"]);
        }
    }

    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task Selectors_find_the_pods_that_they_are_for_and_no_others(string values)
    {
        var rendered = await helm.RenderAsync(values);
        var selectors = rendered.All<V1Service>().Select(s => (s.Metadata.Labels, Selector: s.Spec.Selector))
            .Concat(rendered.All<V1PodDisruptionBudget>().Select(b => (b.Metadata.Labels, b.Spec.Selector.MatchLabels)))
            .Concat(rendered.All<V1NetworkPolicy>().Select(p => (p.Metadata.Labels, p.Spec.PodSelector.MatchLabels)))
            .Concat(rendered.All<V1StatefulSet>().Select(s => (s.Metadata.Labels, s.Spec.Selector.MatchLabels)))
            .Concat(rendered.All<V1Deployment>().Select(d => (d.Metadata.Labels, d.Spec.Selector.MatchLabels)));
        foreach (var (labels, selector) in selectors)
        {
            var wanted = selector.Where(pair => pair.Key != "statefulset.kubernetes.io/pod-name");
            var found = rendered.Pods.Where(pod => wanted.All(pair => pod.Labels.TryGetValue(pair.Key, out var value) && value == pair.Value)).ToList();
            Assert.NotEmpty(found);
            Assert.All(found, pod => Assert.Equal(labels["app.kubernetes.io/component"], pod.Labels["app.kubernetes.io/component"]));
        }

        Assert.All(rendered.All<V2HorizontalPodAutoscaler>(), scaler => Assert.Equal(IngressOf(rendered).Name, scaler.Spec.ScaleTargetRef.Name));
    }

    [Fact]
    public async Task Replicas_hand_records_of_DTLS_to_each_other_and_nobody_else_does()
    {
        string[] secure = ["--set", "ingress.listeners.dtls.default.port=5784", "--set", "ingress.tokenKey.existingSecret=keys"];
        var rendered = await helm.RenderAsync("default-values.yaml", secure);
        var ingress = IngressOf(rendered);
        var container = Assert.Single(ingress.Spec.Containers);
        Assert.Equal("5785", container.Env.Single(e => e.Name == "INGRESS__FORWARD__BIND").Value);
        Assert.Equal("status.podIP", container.Env.Single(e => e.Name == "POD_IP").ValueFrom.FieldRef.FieldPath);
        var policy = rendered.All<V1NetworkPolicy>().Single(p => p.Metadata.Labels["app.kubernetes.io/component"] == "ingress");
        var peers = policy.Spec.Ingress.Single(rule => rule.Ports.Any(p => p.Port.Value == "5785")).FromProperty
            .Concat(policy.Spec.Egress.Single(rule => rule.Ports.Any(p => p.Port.Value == "5785")).To);
        Assert.All(peers, peer => Assert.Equal(policy.Spec.PodSelector.MatchLabels, peer.PodSelector.MatchLabels));

        // Without a key that they share nobody could tell a replica from a stranger.
        Assert.DoesNotContain("INGRESS__FORWARD__BIND", (await helm.TemplateAsync("default-values.yaml", Helm.Versions[^1], secure[..2])).Success, StringComparison.Ordinal);
        AssertPortsAreOpen(rendered);
    }

    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task Ports_of_Services_and_policies_are_those_of_containers(string values)
    {
        AssertPortsAreOpen(await helm.RenderAsync(values));
    }

    static void AssertPortsAreOpen(Rendered rendered)
    {
        foreach (var service in rendered.All<V1Service>())
        {
            var ports = PortsOf(rendered, service.Metadata.Labels["app.kubernetes.io/component"]);
            Assert.All(service.Spec.Ports, port => Assert.Contains(ports, p => p.Name == port.TargetPort.Value && p.Protocol == port.Protocol));
            Assert.True(service.Spec.Type is null or "ClusterIP" || service.Spec.ExternalTrafficPolicy == "Local" || !service.Spec.Ports.Any(p => p.Protocol == "UDP"));
        }

        foreach (var policy in rendered.All<V1NetworkPolicy>())
        {
            Assert.Equal(["Egress", "Ingress"], policy.Spec.PolicyTypes.Order());
            var open = (policy.Spec.Ingress ?? []).SelectMany(rule => rule.Ports).Select(port => (port.Protocol, int.Parse(port.Port.Value))).Order();
            var ports = PortsOf(rendered, policy.Metadata.Labels["app.kubernetes.io/component"]).Select(p => (p.Protocol, p.ContainerPort)).Order();
            Assert.Equal(ports, open);
        }
    }

    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task Nothing_secret_stands_in_a_ConfigMap_and_every_reference_leads_somewhere(string values)
    {
        var rendered = await helm.RenderAsync(values);
        Assert.Empty(rendered.All<V1Secret>());
        foreach (var map in rendered.All<V1ConfigMap>().Where(map => map.Data.ContainsKey("gateway.conf")))
        {
            Assert.DoesNotContain(SecretKeys, key => map.Data["gateway.conf"].Contains(key, StringComparison.Ordinal));
            using var config = JsonDocument.Parse(map.Data["gateway.conf"]);
            Assert.NotEqual("", config.RootElement.GetProperty("kafka").GetProperty("bootstrap_servers").GetString());
        }

        var maps = rendered.All<V1ConfigMap>().Select(map => map.Metadata.Name).ToHashSet();
        foreach (var (_, _, pod) in rendered.Pods)
        {
            Assert.All(pod.Volumes.Where(v => v.ConfigMap is not null), volume => Assert.Contains(volume.ConfigMap.Name, maps));
            var volumes = pod.Volumes.Select(v => v.Name).ToHashSet();
            Assert.Equal(volumes.Count, pod.Volumes.Count);
            foreach (var container in pod.Containers.Concat(pod.InitContainers ?? []))
            {
                Assert.All(container.VolumeMounts, mount => Assert.Contains(mount.Name, volumes));
                // Whatever is a word or key comes from a Secret.
                Assert.All(
                    container.Env.Where(e => e.Name.EndsWith("PASSWORD", StringComparison.Ordinal) || e.Name.EndsWith("KEYS", StringComparison.Ordinal) || e.Name.EndsWith("TOKEN_KEY", StringComparison.Ordinal)),
                    e => Assert.NotNull(e.ValueFrom?.SecretKeyRef?.Name));
            }
        }
    }

    [Theory]
    [MemberData(nameof(ValueFiles))]
    public async Task Evictions_and_updates_leave_somebody(string values)
    {
        var rendered = await helm.RenderAsync(values);
        foreach (var deployment in rendered.All<V1Deployment>())
            Assert.Equal("0", deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.Value);
        foreach (var budget in rendered.All<V1PodDisruptionBudget>())
        {
            Assert.Equal("1", budget.Spec.MaxUnavailable.Value);
            Assert.Equal("AlwaysAllow", budget.Spec.UnhealthyPodEvictionPolicy);
            Assert.True((rendered.All<V1Deployment>().SingleOrDefault(d => d.Metadata.Name == budget.Metadata.Name)?.Spec.Replicas ?? 2) > 1);
        }
    }

    [Fact]
    public async Task Each_service_has_its_own_replicas()
    {
        var rendered = await helm.RenderAsync("default-values.yaml",
            "--set", "ingress.replicaCount=3,translator.replicaCount=4,egress.replicaCount=5,dashboard.replicaCount=6");
        Assert.Equal(3, rendered.All<V1StatefulSet>().Single().Spec.Replicas);
        Assert.Equal([6, 5, 4], rendered.All<V1Deployment>().OrderBy(d => d.Metadata.Name).Select(d => d.Spec.Replicas!.Value));
    }

    [Fact]
    public async Task Who_scales_is_not_told_how_many()
    {
        var rendered = await helm.RenderAsync("default-values.yaml",
            "--set", "ingress.autoscaling.enabled=true,translator.keda.enabled=true,egress.keda.enabled=true");
        Assert.Null(rendered.All<V1StatefulSet>().Single().Spec.Replicas);
        Assert.Equal(["fleet-lwm2m-gateway-dashboard"], rendered.All<V1Deployment>().Where(d => d.Spec.Replicas is not null).Select(d => d.Metadata.Name));
        var behavior = rendered.All<V2HorizontalPodAutoscaler>().Single().Spec.Behavior.ScaleDown;
        Assert.Equal((600, 1, 600), (behavior.StabilizationWindowSeconds, behavior.Policies.Single().Value, behavior.Policies.Single().PeriodSeconds));
        Assert.Equal(2, rendered.Custom.Count(o => (string)o["kind"] == "ScaledObject"));
    }

    [Fact]
    public async Task MQTT_passwords_are_known_to_Egress_alone()
    {
        var rendered = await helm.RenderAsync("production-values.yaml");
        var knowing = rendered.Services.Where(pod => pod.Spec.Containers[0].Env.Any(e => e.Name == "MQTT__PASSWORD"));
        Assert.Equal(["egress"], knowing.Select(pod => pod.Labels["app.kubernetes.io/component"]));
    }

    [Fact]
    public async Task The_smoke_test_goes_the_whole_way()
    {
        var rendered = await helm.RenderAsync("production-values.yaml");
        var pod = rendered.All<V1Pod>().Single();
        Assert.Equal("test", pod.Metadata.Annotations["helm.sh/hook"]);
        var load = Assert.Single(pod.Spec.InitContainers);
        Assert.Equal("load", load.Args[0]);
        Assert.Contains("fleet-lwm2m-gateway-ingress:5783", load.Args);
        Assert.Contains("broker.example.com:8883", load.Args);
        Assert.Contains("/etc/lwm2m/mqtt-ca/ca.crt", load.Args);
        Assert.Contains("--observe", load.Args);
        Assert.Equal(["story", "smoke-fleet-000000"], pod.Spec.Containers.Single().Args.Take(2));
    }

    static int DocumentedPort(string component) =>
        component switch { "dashboard" => 18083, "ingress" => 18084, "translator" => 18085, _ => 18086 };

    static (string Name, V1PodSpec Spec) IngressOf(Rendered rendered)
    {
        var set = rendered.All<V1StatefulSet>().Single();
        return (set.Metadata.Name, set.Spec.Template.Spec);
    }

    static List<V1ContainerPort> PortsOf(Rendered rendered, string component) =>
        [.. rendered.Pods.Where(pod => pod.Labels["app.kubernetes.io/component"] == component).SelectMany(pod => pod.Spec.Containers).SelectMany(c => c.Ports ?? [])];
}
