namespace Contracts.Configuration;

/// <summary>An authenticator, as in EMQX.</summary>
[Doc("An authenticator, as in EMQX.")]
[Open]
public sealed record AuthenticationOptions
{
    [Doc("Use it.")]
    public bool Enable { get; init; } = true;

    [Doc("Mechanism.")]
    public string Mechanism { get; init; } = "password_based";

    [Doc("Backend.")]
    public string Backend { get; init; } = "http";

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
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
