namespace Contracts.Configuration;

/// <summary>The port between the replicas of Ingress.</summary>
[Doc("Records of DTLS sessions that came to another replica than theirs are handed to it, and answered through the one that they came to. "
    + "Needs `ingress.token_key`, which they are authenticated with.")]
public sealed record ForwardOptions
{
    [Doc("UDP port, or address and port, for the other replicas alone. Absent: nothing is handed on.")]
    public BindAddress? Bind { get; init; }

    [Doc("Address and port that the others reach it at; a part that is absent: the address of `bind`, else environment variable `POD_IP`; the port of `bind`.")]
    public BindAddress? Advertise { get; init; }
}
