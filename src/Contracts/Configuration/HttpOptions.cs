namespace Contracts.Configuration;

/// <summary>The door for health, metrics and, where there is one, the management API.</summary>
[Doc("HTTP: health, metrics, and later the management API.")]
public sealed record HttpOptions
{
    [Doc("Address of `/healthz`, `/readyz` and `/metrics`. "
        + "Absent: 127.0.0.1 and port 18083 for Standalone, 18084 for Ingress, 18085 for Translator, 18086 for Egress.")]
    public BindAddress? Bind { get; init; }

    [Doc("Keys of the management API, each as `name:secret`.")]
    [Secret]
    [Pending("There is no management API yet; health and metrics need no key.")]
    public IReadOnlyList<string> ApiKeys { get; init; } = [];
}
