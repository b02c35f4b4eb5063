namespace Contracts.Configuration;

/// <summary>The socket of a listener (EMQX's <c>udp_options</c>).</summary>
[Doc("Socket of the listener.")]
public sealed record UdpSocketOptions
{
    [Doc("EMQX's read batch; has no meaning here.")]
    public int ActiveN { get; init; } = 100;

    [Doc("Receive buffer of the kernel. Absent: 4MB, or what the system allows.")]
    [Unit(Unit.Bytes)]
    [Live]
    public int? Recbuf { get; init; }

    [Doc("Send buffer of the kernel. Absent: 4MB, or what the system allows.")]
    [Unit(Unit.Bytes)]
    [Live]
    public int? Sndbuf { get; init; }

    [Doc("EMQX's buffer in user space; has no meaning here.")]
    [Unit(Unit.Bytes)]
    public int? Buffer { get; init; }

    [Doc("EMQX's SO_REUSEADDR; has no meaning here: two processes must not share a port by accident.")]
    public bool Reuseaddr { get; init; } = true;
}
