namespace Contracts.Configuration;

/// <summary>Listeners by name. Where none is configured there is one: <c>udp.default</c> on 5783.</summary>
[Doc("Listeners by name. Where none is configured there is one: `udp.default` on 5783.")]
public sealed record ListenersOptions
{
    const string Names = "[a-zA-Z][0-9a-zA-Z_-]*";

    [Doc("Listeners for CoAP over UDP.")]
    [Pattern(Names)]
    [Live]
    public IReadOnlyDictionary<string, UdpListenerOptions> Udp { get; init; } =
        new Dictionary<string, UdpListenerOptions> { ["default"] = new() { Bind = BindAddress.Any(5783) } };

    [Doc("Listeners for CoAP over DTLS.")]
    [Pattern(Names)]
    [Pending("DTLS listeners are not opened yet: devices cannot reach this port.")]
    public IReadOnlyDictionary<string, DtlsListenerOptions> Dtls { get; init; } = new Dictionary<string, DtlsListenerOptions>();
}
