using Suite = Org.BouncyCastle.Tls.CipherSuite;

namespace Protocol.Dtls;

/// <summary>A cipher suite by its names: that of IANA, and that of OpenSSL, which EMQX uses.</summary>
/// <param name="Number">In the registry of IANA.</param>
/// <param name="Name">IANA's.</param>
/// <param name="OpenSslName">OpenSSL's.</param>
public sealed record CipherSuite(int Number, string Name, string OpenSslName)
{
    public static readonly CipherSuite PskCcm8 = new(Suite.TLS_PSK_WITH_AES_128_CCM_8, "TLS_PSK_WITH_AES_128_CCM_8", "PSK-AES128-CCM8");
    public static readonly CipherSuite PskGcm = new(Suite.TLS_PSK_WITH_AES_128_GCM_SHA256, "TLS_PSK_WITH_AES_128_GCM_SHA256", "PSK-AES128-GCM-SHA256");
    public static readonly CipherSuite PskCbc = new(Suite.TLS_PSK_WITH_AES_128_CBC_SHA256, "TLS_PSK_WITH_AES_128_CBC_SHA256", "PSK-AES128-CBC-SHA256");
    public static readonly CipherSuite EcdsaCcm8 = new(Suite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", "ECDHE-ECDSA-AES128-CCM8");
    public static readonly CipherSuite EcdsaGcm = new(Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256");

    /// <summary>Without those that authenticate only what is not encrypted yet (CBC): they are to be asked for.</summary>
    public static IReadOnlyList<CipherSuite> Usual { get; } = [PskCcm8, PskGcm, EcdsaCcm8, EcdsaGcm];

    public static IReadOnlyList<CipherSuite> All { get; } = [.. Usual, PskCbc];

    /// <summary>Of a key that both sides know; else of certificates or raw public keys.</summary>
    public bool IsPsk => Number is Suite.TLS_PSK_WITH_AES_128_CCM_8 or Suite.TLS_PSK_WITH_AES_128_GCM_SHA256 or Suite.TLS_PSK_WITH_AES_128_CBC_SHA256;

    /// <summary>One cipher encrypts and authenticates.</summary>
    internal bool IsAead => Number is not Suite.TLS_PSK_WITH_AES_128_CBC_SHA256;

    internal bool IsGcm => Number is Suite.TLS_PSK_WITH_AES_128_GCM_SHA256 or Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;

    /// <summary>Null for one that is not to be had here. Upper and lower case are the same.</summary>
    public static CipherSuite? Find(string name) =>
        All.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || s.OpenSslName.Equals(name, StringComparison.OrdinalIgnoreCase));

    internal static CipherSuite Of(int number) => All.First(s => s.Number == number);
}
