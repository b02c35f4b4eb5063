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
    [Live]
    public IReadOnlyDictionary<string, DtlsListenerOptions> Dtls { get; init; } = new Dictionary<string, DtlsListenerOptions>();

    /// <summary>All of them, named as in records: "udp:default".</summary>
    public IEnumerable<(string Name, ListenerOptions Options)> All() =>
        Udp.Select(listener => ("udp:" + listener.Key, (ListenerOptions)listener.Value)).Concat(Dtls.Select(listener => ("dtls:" + listener.Key, (ListenerOptions)listener.Value)));

    /// <summary>The one of that name; null where it is not configured (any more).</summary>
    public ListenerOptions? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        var own = name[(colon + 1)..];
        return name.AsSpan(0, Math.Max(colon, 0)) switch
        {
            "udp" => Udp.GetValueOrDefault(own),
            "dtls" => Dtls.GetValueOrDefault(own),
            _ => null,
        };
    }
}
