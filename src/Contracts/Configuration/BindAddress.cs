using System.Globalization;
using System.Net;

namespace Contracts.Configuration;

/// <summary>Where a socket listens. <see cref="Address"/> null means every address, IPv4 and IPv6; port 0 means any free one.</summary>
public sealed record BindAddress(IPAddress? Address, int Port)
{
    public static BindAddress Any(int port) => new(null, port);

    public static BindAddress Loopback(int port) => new(IPAddress.Loopback, port);

    /// <summary>Reads <c>5783</c>, <c>:5783</c>, <c>127.0.0.1:5783</c>, <c>[::]:5783</c>; <c>localhost</c> stands for 127.0.0.1.</summary>
    public static bool TryParse(string text, out BindAddress? bind)
    {
        bind = null;
        text = text.Trim();
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon];
        if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port > 65535)
            return false;
        if (host.Length == 0)
        {
            bind = Any(port);
            return true;
        }

        // An IPv6 address needs its brackets: without them the last group could be taken for the port.
        var bracketed = host[0] == '[' && host[^1] == ']';
        if (host.Contains(':') && !bracketed)
            return false;
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            host = "127.0.0.1";
        if (!IPAddress.TryParse(bracketed ? host[1..^1] : host, out var address))
            return false;
        bind = new BindAddress(address, port);
        return true;
    }

    /// <summary>The end point to bind a socket to; for every address the IPv6 one, which needs a dual-mode socket.</summary>
    public IPEndPoint ToEndPoint() => new(Address ?? IPAddress.IPv6Any, Port);

    public override string ToString() =>
        Address is null ? Port.ToString(CultureInfo.InvariantCulture) : new IPEndPoint(Address, Port).ToString();
}
