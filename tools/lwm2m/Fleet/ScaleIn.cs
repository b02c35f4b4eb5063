using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Tools.Fleet;

/// <summary>
/// Whether the pod that this process runs in is taken out for good: its StatefulSet wants fewer replicas than its ordinal needs. A pod that is
/// only restarted comes back under its number and keeps its sessions. Asked of the Kubernetes API with the pod's own token (get on that one StatefulSet).
/// </summary>
sealed class ScaleIn(Uri api, string namespaceName, HttpMessageHandler handler, string token) : IDisposable
{
    const string Account = "/var/run/secrets/kubernetes.io/serviceaccount";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly HttpClient _http = new(handler) { BaseAddress = api, Timeout = Patience };

    /// <exception cref="IOException">This is no pod, or it has no token.</exception>
    public static ScaleIn OfThisPod()
    {
        var host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
        var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || !File.Exists($"{Account}/token"))
            throw new IOException("--when-scaled-in asks Kubernetes, and this is no pod with a service account token.");
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile($"{Account}/ca.crt");
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        var address = host.Contains(':') ? $"[{host}]" : host;
        return new ScaleIn(new Uri($"https://{address}:{port ?? "443"}"), File.ReadAllText($"{Account}/namespace").Trim(), handler, File.ReadAllText($"{Account}/token").Trim());
    }

    /// <summary>StatefulSet and ordinal of a pod: <c>lwm2m-ingress-2</c>.</summary>
    public static bool TryParse(string? podName, out string statefulSet, out int ordinal)
    {
        var dash = podName?.LastIndexOf('-') ?? -1;
        (statefulSet, ordinal) = (dash > 0 ? podName![..dash] : "", 0);
        return dash > 0 && int.TryParse(podName.AsSpan(dash + 1), System.Globalization.NumberStyles.None, null, out ordinal);
    }

    /// <summary>False too where the whole set is being deleted: then there is nobody to hand anything over to.</summary>
    /// <exception cref="IOException">Kubernetes does not say.</exception>
    public async Task<bool> ConcernsAsync(string statefulSet, int ordinal, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/apis/apps/v1/namespaces/{namespaceName}/statefulsets/{statefulSet}", UriKind.Relative));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var answer = await _http.SendAsync(request, cancellation);
            if (answer.StatusCode == System.Net.HttpStatusCode.NotFound)
                return false;
            var text = await answer.Content.ReadAsStringAsync(cancellation);
            if (!answer.IsSuccessStatusCode)
                throw new IOException($"Kubernetes does not say how many replicas {statefulSet} is to have: {(int)answer.StatusCode} {text}");
            using var json = JsonDocument.Parse(text);
            var isGoing = json.RootElement.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _);
            var spec = json.RootElement.GetProperty("spec");
            var first = spec.TryGetProperty("ordinals", out var ordinals) && ordinals.TryGetProperty("start", out var start) ? start.GetInt32() : 0;
            return !isGoing && ordinal >= first + (spec.TryGetProperty("replicas", out var replicas) ? replicas.GetInt32() : 1);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new IOException($"Kubernetes does not say how many replicas {statefulSet} is to have: {e.Message}", e);
        }
    }

    public void Dispose() => _http.Dispose();
}
