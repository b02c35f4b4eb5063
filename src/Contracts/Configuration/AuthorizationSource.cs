namespace Contracts.Configuration;

/// <summary>One source of EMQX's <c>authorization.sources</c>.</summary>
[Doc("One source that is asked whether a client may publish or subscribe.")]
[Open]
public sealed record AuthorizationSource
{
    [Doc("Kind of source.")]
    public required string Type { get; init; }

    [Doc("Use it.")]
    public bool Enable { get; init; } = true;

    [Doc("HTTP method.")]
    [OneOf("get", "post")]
    public string Method { get; init; } = "post";

    [Doc("URL that is asked.")]
    public string? Url { get; init; }

    [Doc("HTTP headers.")]
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
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
