using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Contracts.Configuration;
using Ingress.Sockets;

namespace Ingress.Access;

/// <summary>The access rules of a listener as masks over 128 bits, IPv4 addresses IPv4-mapped. Where no rule matches, a peer may send.</summary>
sealed class AccessList
{
    // IPv4 lies within ::/0 here, where no rule of IPv6 means it.
    readonly (UInt128 Network, UInt128 Mask, bool? IsIPv4, bool Allow)[] _rules;

    public AccessList(IEnumerable<AccessRule> rules) => _rules = [.. rules.Select(Compile)];

    /// <summary>There is nothing to look at.</summary>
    public bool IsEmpty => _rules.Length == 0;

    /// <summary>The first rule that matches decides.</summary>
    public bool Allows(in Peer peer)
    {
        foreach (var (network, mask, isIPv4, allow) in _rules)
        {
            if (isIPv4 is null || (isIPv4 == peer.IsIPv4 && peer.IsIn(network, mask)))
                return allow;
        }

        return true;
    }

    static (UInt128, UInt128, bool?, bool) Compile(AccessRule rule)
    {
        if (rule.Network is not { } network)
            return (0, 0, null, rule.Allow);
        Span<byte> bytes = stackalloc byte[16];
        network.BaseAddress.MapToIPv6().TryWriteBytes(bytes, out _);
        var fixedBits = network.PrefixLength + (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 96 : 0);
        var mask = fixedBits == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - fixedBits);
        return (BinaryPrimitives.ReadUInt128BigEndian(bytes) & mask, mask, network.BaseAddress.AddressFamily == AddressFamily.InterNetwork || (network.BaseAddress.IsIPv4MappedToIPv6 && fixedBits >= 96), rule.Allow);
    }
}
