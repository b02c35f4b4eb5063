using System.Globalization;
using Contracts;

namespace Egress.Relay;

/// <summary>The id of a command that came by MQTT: <c>mqtt-FINGERPRINT-NONCE</c>. The fingerprint finds the record of an earlier delivery, the nonce makes the id unique.</summary>
internal static class RelayedId
{
    private const string Prefix = "mqtt-";
    private const int Half = 16;
    private const int Length = 5 + (2 * Half) + 1 + Half;

    public static string Of(EventId fingerprint, long nonce) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{fingerprint}-{nonce:x16}");

    /// <summary>False for ids that others chose.</summary>
    public static bool TryReadFingerprint(string id, out EventId fingerprint)
    {
        fingerprint = default;
        if (id.Length != Length || !id.StartsWith(Prefix, StringComparison.Ordinal)
            || !ulong.TryParse(id.AsSpan(Prefix.Length, Half), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var high)
            || !ulong.TryParse(id.AsSpan(Prefix.Length + Half, Half), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var low))
        {
            return false;
        }

        fingerprint = new EventId(high, low);
        return true;
    }
}
