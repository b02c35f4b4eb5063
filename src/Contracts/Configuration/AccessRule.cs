using System.Globalization;
using System.Net;

namespace Contracts.Configuration;

/// <summary>Who may send to a listener. The first rule that matches decides; <see cref="Network"/> null matches all.</summary>
public sealed record AccessRule(bool Allow, IPNetwork? Network)
{
    /// <summary>Reads <c>allow all</c>, <c>deny 10.0.0.0/8</c>, <c>allow 2001:db8::1</c>.</summary>
    public static bool TryParse(string text, out AccessRule? rule)
    {
        rule = null;
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 2 || words[0].ToLowerInvariant() is not ("allow" or "deny"))
            return false;
        var allow = words[0].Equals("allow", StringComparison.OrdinalIgnoreCase);
        if (words[1].Equals("all", StringComparison.OrdinalIgnoreCase))
        {
            rule = new AccessRule(allow, null);
            return true;
        }

        var slash = words[1].IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? words[1] : words[1][..slash], out var address))
            return false;
        var bits = address.GetAddressBytes().Length * 8;
        var prefix = bits;
        if (slash >= 0 && (!int.TryParse(words[1].AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > bits))
            return false;
        rule = new AccessRule(allow, Masked(address, prefix));
        return true;
    }

    public bool Matches(IPAddress address) => Network is not { } network || network.Contains(address);

    public override string ToString() => (Allow ? "allow " : "deny ") + (Network?.ToString() ?? "all");

    // EMQX takes 10.1.2.3/8 too; IPNetwork insists on zeros behind the prefix.
    static IPNetwork Masked(IPAddress address, int prefix)
    {
        var bytes = address.GetAddressBytes();
        for (var bit = prefix; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), prefix);
    }
}
