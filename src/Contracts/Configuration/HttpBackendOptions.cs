namespace Contracts.Configuration;

/// <summary>An HTTP server that is asked about devices: what EMQX's HTTP authenticator and HTTP authorization source have in common.</summary>
public abstract record HttpBackendOptions
{
    [Doc("Use it.")]
    public bool Enable { get; init; } = true;

    [Doc("HTTP method. With `get` the fields of `body` go into the query.")]
    [OneOf("get", "post")]
    public string Method { get; init; } = "post";

    [Doc("URL that is asked: `http` or `https`, placeholders behind the host only.")]
    public string? Url { get; init; }

    [Doc("HTTP headers. A `content-type` of `application/x-www-form-urlencoded` sends `body` as a form, anything else as JSON.")]
    [Secret]
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    [Doc("Fields of the question, with placeholders.")]
    [Secret]
    public IReadOnlyDictionary<string, string> Body { get; init; } = new Dictionary<string, string>();

    [Doc("Connections to the server.")]
    [Range("1", "1024")]
    public int PoolSize { get; init; } = 8;

    [Doc("Longest time to connect.")]
    [Range("1ms", "10m")]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    [Doc("Longest time to answer.")]
    [Range("1ms", "10m")]
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    [Doc("TLS of an `https` URL.")]
    public HttpTlsOptions Ssl { get; init; } = new();
}
