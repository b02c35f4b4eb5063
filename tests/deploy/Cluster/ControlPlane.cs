using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using k8s;
using k8s.Models;
using Pipeline.DeployTests.Charts;

namespace Pipeline.DeployTests.Cluster;

/// <summary>
/// A real control plane with simulated nodes, one for all tests, started by the script <c>shared/kubernetes/cluster</c>. Containers never run: a
/// pod is ready a second after it has found a node. It is its own load balancer: a Service that asks for one is given an address.
/// </summary>
public sealed class ControlPlane : IAsyncLifetime
{
    const string Disks = """{"status":{"capacity":{"ephemeral-storage":"100Gi"},"allocatable":{"ephemeral-storage":"100Gi"}}}""";

    const string Leases = "kube-node-lease";

    static readonly TimeSpan BeatEvery = TimeSpan.FromSeconds(5);
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(300);

    readonly string _folder = Directory.CreateTempSubdirectory("cluster-").FullName;
    readonly CancellationTokenSource _over = new();
    Task _balancing = Task.CompletedTask;
    int _stopped;

    internal IKubernetes Api { get; private set; } = null!;

    internal string KubeConfig { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        if (Helm.Script is null)
            return;
        // Also when the run is broken off: it lives in sessions of its own.
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        try
        {
            var said = await Tool.RunAsync("bash", [Helm.Script, "start", "--dir", _folder, "--port", $"{FreePort()}", "--nodes", "3"]);
            KubeConfig = said.Success.Trim();
            Api = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(KubeConfig));
            // The script's nodes have no disks, and pods say how much of one they need.
            foreach (var node in (await Api.CoreV1.ListNodeAsync()).Items)
                await Api.CoreV1.PatchNodeStatusAsync(new V1Patch(Disks, V1Patch.PatchType.MergePatch), node.Metadata.Name);
            _balancing = BalanceAsync(_over.Token);
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        await _over.CancelAsync();
        await _balancing;
        Api?.Dispose();
        Stop();
    }

    /// <summary>A namespace that refuses pods that are not restricted.</summary>
    internal async Task<string> NamespaceAsync(string name)
    {
        var labels = new Dictionary<string, string> { ["pod-security.kubernetes.io/enforce"] = "restricted", ["pod-security.kubernetes.io/enforce-version"] = "latest" };
        await Api.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = name, Labels = labels } });
        return name;
    }

    internal async Task<Said> HelmAsync(params string[] arguments) =>
        await Tool.RunAsync(Path.Combine(_folder, "bin", "helm"), [.. arguments, "--kubeconfig", KubeConfig], ct: TestContext.Current.CancellationToken);

    /// <summary>Everything in a namespace that is not the namespace's own, as <c>kind/name</c>.</summary>
    internal async Task<IReadOnlyList<string>> ContentsAsync(string space)
    {
        string[] kinds =
        [
            "pods", "services", "endpoints", "endpointslices", "configmaps", "secrets", "serviceaccounts", "deployments", "statefulsets", "replicasets",
            "controllerrevisions", "jobs", "horizontalpodautoscalers", "poddisruptionbudgets", "networkpolicies", "ingresses", "roles", "rolebindings",
            "persistentvolumeclaims",
        ];
        var said = await Tool.RunAsync(
            Path.Combine(_folder, "bin", "kubectl"), ["get", string.Join(',', kinds), "-n", space, "-o", "name", "--kubeconfig", KubeConfig],
            ct: TestContext.Current.CancellationToken);
        return [.. said.Success.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(name => name is not ("configmap/kube-root-ca.crt" or "serviceaccount/default"))];
    }

    async Task BalanceAsync(CancellationToken ct)
    {
        var beaten = Stopwatch.StartNew();
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var services = await Api.CoreV1.ListServiceForAllNamespacesAsync(cancellationToken: ct);
                foreach (var service in services.Items.Where(s => s.Spec.Type == "LoadBalancer" && s.Status.LoadBalancer?.Ingress is not { Count: > 0 }))
                {
                    service.Status.LoadBalancer = new V1LoadBalancerStatus { Ingress = [new V1LoadBalancerIngress { Ip = "192.0.2.1" }] };
                    await Api.CoreV1.ReplaceNamespacedServiceStatusAsync(service, service.Metadata.Name, service.Metadata.NamespaceProperty, cancellationToken: ct);
                }

                if (beaten.Elapsed >= BeatEvery)
                {
                    await BeatAsync(ct);
                    beaten.Restart();
                }

                await Task.Delay(LookEvery, ct);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or k8s.Autorest.HttpOperationException or IOException)
            {
                // Changed meanwhile, or gone; the next look tells.
            }
        }
    }

    // Simulated nodes beat so seldom that the control plane gives them up for a while, and their pods never become ready again.
    async Task BeatAsync(CancellationToken ct)
    {
        foreach (var node in (await Api.CoreV1.ListNodeAsync(cancellationToken: ct)).Items)
        {
            var beat = new V1LeaseSpec { HolderIdentity = node.Metadata.Name, LeaseDurationSeconds = 40, RenewTime = DateTime.UtcNow };
            try
            {
                var lease = await Api.CoordinationV1.ReadNamespacedLeaseAsync(node.Metadata.Name, Leases, cancellationToken: ct);
                lease.Spec = beat;
                await Api.CoordinationV1.ReplaceNamespacedLeaseAsync(lease, node.Metadata.Name, Leases, cancellationToken: ct);
            }
            catch (k8s.Autorest.HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
            {
                await Api.CoordinationV1.CreateNamespacedLeaseAsync(new V1Lease { Metadata = new V1ObjectMeta { Name = node.Metadata.Name }, Spec = beat }, Leases, cancellationToken: ct);
            }
        }
    }

    void OnExit(object? sender, EventArgs e) => Stop();

    void Stop()
    {
        if (Helm.Script is null || Interlocked.Exchange(ref _stopped, 1) != 0)
            return;
        using var stop = Process.Start("bash", [Helm.Script, "stop", "--dir", _folder]);
        stop.WaitForExit();
        Directory.Delete(_folder, recursive: true);
    }

    // Six ports in a row, below the range from which the system gives ports to others.
    static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 31_000);
            if (Enumerable.Range(port, 6).All(IsFree))
                return port;
        }
    }

    static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
