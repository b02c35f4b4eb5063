namespace Contracts.Configuration;

/// <summary>A listener for CoAP over DTLS.</summary>
[Doc("A listener for CoAP over DTLS.")]
public sealed record DtlsListenerOptions : ListenerOptions
{
    [Doc("EMQX's number of accepting processes; has no meaning here.")]
    public int Acceptors { get; init; } = 16;

    [Doc("Keys, certificates and handshake.")]
    public DtlsOptions DtlsOptions { get; init; } = new();
}
