using System.Security.Cryptography;
using Ingress.Forwarding;
using Protocol.Dtls;

namespace Ingress.Security;

/// <summary>A DTLS session as the topic <c>dtls</c> has it.</summary>
/// <param name="Writer">Who has written it: the offset of its fence.</param>
/// <param name="Revision">One more with each record of the session by the same writer.</param>
/// <param name="Listener">Name of the listener that it belongs to.</param>
/// <param name="Route">Where the device was heard last; the listener's index is not kept.</param>
/// <param name="Identity"><see cref="DtlsIdentity.Name"/>.</param>
/// <param name="Credential"><see cref="Security.Credential.Identity"/>; empty where nothing was proven.</param>
/// <param name="IsIssued">An authority has said so.</param>
/// <param name="Print">SHA-256 of what the credential was, 32 bytes; a changed one has another.</param>
/// <param name="State">Keys and numbers; its id is in the key of the record.</param>
sealed record SavedSession(
    long Writer, ulong Revision, string Listener, Route Route, string Identity, string Credential, bool IsIssued, byte[] Print, SessionState State)
{
    public const int PrintLength = SHA256.HashSizeInBytes;

    /// <summary>For which endpoints a credential counts that a server was asked for; null: it was not.</summary>
    public EndpointRule? LookedUp { get; init; }

    public SavedSessionKey Key => new(State.Id, Listener);

    /// <summary>As a session is now.</summary>
    public static SavedSession Of(long writer, ulong revision, string listener, DtlsSession<Route> session, SessionState state)
    {
        var credential = session.Identity.Credential as Credential;
        return new SavedSession(
            writer, revision, listener, session.Address, session.Identity.Name, credential?.Identity ?? "", credential?.IsIssued == true, PrintOf(credential), state)
        {
            LookedUp = credential is { IsLookedUp: true } ? credential.Endpoints : null,
        };
    }

    public static byte[] PrintOf(Credential? credential) => credential?.Print ?? new byte[PrintLength];

    /// <summary>Not what a record prints by itself.</summary>
    public override string ToString() => $"{State} at {Listener}";
}
