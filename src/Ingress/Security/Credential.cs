using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Ingress.Security;

/// <summary>What lets devices in over DTLS: who proves to have it may speak for the endpoints of its rule.</summary>
/// <param name="Identity">What is proven: "psk:dev-1", "rpk-sha256:0a1b...", "x509-sha256:0a1b...", "x509:dev-1".</param>
/// <param name="Endpoints">Whom it counts for.</param>
/// <param name="Key">Of a pre-shared key; else empty.</param>
sealed record Credential(string Identity, EndpointRule Endpoints, byte[] Key)
{
    byte[]? _print;

    /// <summary>The same in every process, and for no two identities that anybody could find; never 0.</summary>
    public ulong Proof { get; } = Math.Max(1, BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(Identity))));

    /// <summary>An authority has said so, not the list.</summary>
    public bool IsIssued { get; private init; }

    /// <summary>A server has said so that may have other answers for new questions (<see cref="CredentialServer"/>).</summary>
    public bool IsLookedUp { get; init; }

    /// <summary>SHA-256 of all that it is; a changed one has another.</summary>
    public byte[] Print => _print ?? SHA256.HashData([.. Encoding.UTF8.GetBytes($"{Identity}\0{Endpoints}\0"), .. Key]);

    /// <summary>A looked up one of which the key was not kept.</summary>
    public static Credential OfPrint(string identity, EndpointRule endpoints, byte[] print) => new(identity, endpoints, []) { IsLookedUp = true, _print = print };

    /// <summary>That of a certificate that an authority has issued.</summary>
    /// <param name="name">The one in it.</param>
    /// <param name="endpoints">The rule for all of them; null: the endpoint of that name.</param>
    public static Credential OfIssued(string name, string? endpoints) => new("x509:" + name, new EndpointRule(endpoints, name), []) { IsIssued = true };

    /// <summary>The same secret for the same endpoints.</summary>
    public bool Is(Credential other) =>
        Identity == other.Identity && Endpoints == other.Endpoints && (_print is null && other._print is null
            ? CryptographicOperations.FixedTimeEquals(Key, other.Key)
            : CryptographicOperations.FixedTimeEquals(Print, other.Print));

    /// <summary>Not what a record prints by itself: the key.</summary>
    public override string ToString() => Identity;
}
