namespace Contracts.Configuration;

/// <summary>A listener for CoAP over UDP.</summary>
[Doc("A listener for CoAP over UDP.")]
public sealed record UdpListenerOptions : ListenerOptions;
