using Contracts.Configuration;

namespace Tools.Simulation.Scenarios;

/// <summary>DTLS with pre-shared keys, towards the gateway's address for DTLS.</summary>
[Doc("DTLS with a pre-shared key: `psk` or `master_key`.")]
sealed record DtlsOptions
{
    [Doc("PSK identities, as `endpoint`; without it the endpoint names.")]
    public string? Identity { get; init; }

    [Doc("The key of all devices of the group, in hex.")]
    [Secret]
    public string? Psk { get; init; }

    [Doc("Each device has a key of its own: the first 16 bytes of the HMAC-SHA-256 of its identity, made with this key, in hex.")]
    [Secret]
    public string? MasterKey { get; init; }

    [Doc("Offer a connection id (RFC 9146), with which a session goes on at another address.")]
    public bool ConnectionId { get; init; } = true;
}
