using Contracts.Configuration;

namespace Ingress.Access;

/// <summary>Finds the configuration of a listener by its name in records: "udp:default".</summary>
static class ListenerSettings
{
    /// <summary>Null for a listener that is not configured any more.</summary>
    public static ListenerOptions? Of(Lwm2mOptions options, string listener)
    {
        var colon = listener.IndexOf(':', StringComparison.Ordinal);
        var name = listener[(colon + 1)..];
        return listener.AsSpan(0, Math.Max(colon, 0)) switch
        {
            "udp" => options.Listeners.Udp.GetValueOrDefault(name),
            "dtls" => options.Listeners.Dtls.GetValueOrDefault(name),
            _ => null,
        };
    }
}
