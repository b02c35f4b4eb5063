using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Tools.Commands;

/// <summary>An address "host:port", "[v6]:port" or "host" with a usual port.</summary>
static class ServerAddress
{
    public static bool TryParse(string text, int defaultPort, out DnsEndPoint address)
    {
        address = new DnsEndPoint("localhost", defaultPort);
        var colon = text.LastIndexOf(':');
        // A colon that is not the only one belongs to an IPv6 address, unless that stands in brackets.
        var hasPort = colon >= 0 && (text.IndexOf(':', StringComparison.Ordinal) == colon || text[..colon].EndsWith(']'));
        var host = (hasPort ? text[..colon] : text).Trim('[', ']');
        var port = defaultPort;
        if (host.Length == 0
            || hasPort && (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > 65535))
            return false;
        address = new DnsEndPoint(host, port);
        return true;
    }

    /// <summary>The first address of the host, IPv4 before IPv6. Throws SocketException where there is none.</summary>
    public static async Task<IPEndPoint> ResolveAsync(DnsEndPoint address, CancellationToken cancellation)
    {
        var found = await Dns.GetHostAddressesAsync(address.Host, cancellation);
        return new IPEndPoint(found.OrderBy(candidate => candidate.AddressFamily != AddressFamily.InterNetwork).First(), address.Port);
    }

    /// <summary>An option that takes an address; <see cref="Get"/> reads it.</summary>
    public static Option<string> Option(string name, string description, int defaultPort, params string[] aliases)
    {
        var option = new Option<string>(name, aliases) { Description = description, DefaultValueFactory = _ => $"127.0.0.1:{defaultPort}" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } text && !TryParse(text, defaultPort, out _))
                result.AddError($"{name} must be an address such as 127.0.0.1:{defaultPort}.");
        });
        return option;
    }

    public static DnsEndPoint Get(ParseResult arguments, Option<string> option, int defaultPort) =>
        TryParse(arguments.GetRequiredValue(option), defaultPort, out var address) ? address : throw new FormatException(option.Name);
}
