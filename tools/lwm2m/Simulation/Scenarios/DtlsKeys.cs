using System.Security.Cryptography;
using System.Text;
using Tools.Dtls;

namespace Tools.Simulation.Scenarios;

/// <summary>Who simulated devices are in DTLS, and with what keys.</summary>
static class DtlsKeys
{
    /// <summary>RFC 4279 section 5.3: what every implementation must take.</summary>
    public const int MostKeyBytes = 64;

    /// <summary>Longest identity that the gateway takes, in bytes.</summary>
    public const int MostIdentityBytes = 256;

    const int DerivedBytes = 16;

    /// <summary>Of the device of a group with that number.</summary>
    public static DtlsCredential Of(DtlsOptions dtls, DeviceGroup group, string name, int number)
    {
        var identity = EndpointPattern.Render(dtls.Identity ?? group.Endpoint, name, number);
        return dtls.MasterKey is { } master
            ? OfMaster(Convert.FromHexString(master), identity) with { UsesConnectionId = dtls.ConnectionId }
            : new DtlsCredential(identity, Convert.FromHexString(dtls.Psk!), dtls.ConnectionId);
    }

    /// <summary>A key that is the device's own, and need not be stored anywhere.</summary>
    public static DtlsCredential OfMaster(byte[] master, string identity) =>
        new(identity, HMACSHA256.HashData(master, Encoding.UTF8.GetBytes(identity))[..DerivedBytes], UsesConnectionId: true);

    /// <summary>1 to 64 bytes in hex.</summary>
    public static bool IsKey(string hex) => hex.Length is > 0 and <= 2 * MostKeyBytes && hex.Length % 2 == 0 && hex.All(char.IsAsciiHexDigit);
}
