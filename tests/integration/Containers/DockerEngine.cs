using System.Net.Sockets;
using System.Text.Json;

namespace Pipeline.IntegrationTests.Containers;

/// <summary>
/// Whether Docker is here and has, or gets, an image: asked of its API, so that the answer comes in bounded time (Docker Engine API 1.24).
/// </summary>
static class DockerEngine
{
    /// <summary>An engine that is there answers at once; a registry that can be reached begins to send at once.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>Why no container of that image can run here; null = it is here now.</summary>
    public static async Task<string?> MissingAsync(string image)
    {
        if (await FindAsync() is not { } engine)
            return "Docker is not here: no engine answers at " + string.Join(", ", Candidates());
        using var http = ClientOf(engine);
        try
        {
            using var bound = new CancellationTokenSource(Patience);
            using var known = await http.GetAsync(new Uri($"/images/{image}/json", UriKind.Relative), bound.Token);
            return known.IsSuccessStatusCode ? null : await PullAsync(http, image);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            return $"Docker at {engine} does not say whether it has {image}: {e.Message}";
        }
    }

    // The answer is a line of JSON for each step of progress; it lasts as long as it goes on.
    static async Task<string?> PullAsync(HttpClient http, string image)
    {
        var colon = image.LastIndexOf(':');
        using var bound = new CancellationTokenSource(Patience);
        try
        {
            var create = new Uri($"/images/create?fromImage={image[..colon]}&tag={image[(colon + 1)..]}", UriKind.Relative);
            using var request = new HttpRequestMessage(HttpMethod.Post, create);
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, bound.Token);
            if (!answer.IsSuccessStatusCode)
                return $"{image} cannot be pulled: {await answer.Content.ReadAsStringAsync(bound.Token)}";
            using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(bound.Token));
            while (await lines.ReadLineAsync(bound.Token) is { } line)
            {
                bound.CancelAfter(Patience);
                if (JsonDocument.Parse(line).RootElement.TryGetProperty("error", out var error))
                    return $"{image} cannot be pulled: {error.GetString()}";
            }

            return null;
        }
        catch (OperationCanceledException)
        {
            return $"{image} is not here and cannot be pulled: its registry does not answer";
        }
    }

    static async Task<Uri?> FindAsync()
    {
        foreach (var candidate in Candidates())
        {
            using var http = ClientOf(candidate);
            using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            try
            {
                using var pong = await http.GetAsync(new Uri("/_ping", UriKind.Relative), bound.Token);
                if (pong.IsSuccessStatusCode)
                    return candidate;
            }
            catch (Exception e) when (e is HttpRequestException or SocketException or OperationCanceledException)
            {
                // Not there.
            }
        }

        return null;
    }

    static IEnumerable<Uri> Candidates()
    {
        var host = Environment.GetEnvironmentVariable("DOCKER_HOST");
        if (!string.IsNullOrEmpty(host) && Uri.TryCreate(host, UriKind.Absolute, out var configured))
            return [configured];
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var runtime = Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR");
        string[] places = ["/var/run/docker.sock", home + "/.docker/run/docker.sock", .. runtime is null ? [] : new[] { runtime + "/docker.sock" }];
        return places.Select(place => new Uri("unix://" + place));
    }

    static HttpClient ClientOf(Uri engine)
    {
        var handler = new SocketsHttpHandler();
        if (engine.Scheme == "unix")
        {
            handler.ConnectCallback = async (_, ct) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(engine.AbsolutePath), ct);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            };
        }

        var address = engine.Scheme == "unix" ? new Uri("http://docker") : new UriBuilder(engine) { Scheme = "http" }.Uri;
        return new HttpClient(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
    }
}
