namespace Contracts.Configuration;

/// <summary>The door for health, metrics and, where there is one, the management API.</summary>
[Doc("HTTP: health, metrics, and at Dashboard and Standalone the management API.")]
public sealed record HttpOptions
{
    [Doc("Address of `/healthz`, `/readyz` and `/metrics`, and of the management API `/api/v5`. "
        + "Absent: 127.0.0.1 and port 18083 for Standalone and Dashboard, 18084 for Ingress, 18085 for Translator, 18086 for Egress.")]
    public BindAddress? Bind { get; init; }

    [Doc("Keys of the management API, each as `name:secret`, for HTTP Basic. Without any the API answers on loopback only, and refuses to start elsewhere; "
        + "health and metrics need no key.")]
    [Secret]
    public IReadOnlyList<string> ApiKeys { get; init; } = [];
}
