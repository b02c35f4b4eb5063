using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Ingress.Forwarding;
using Ingress.Sockets;
using Protocol.Dtls;

namespace Ingress.Security;

/// <summary>
/// A value of the topic <c>dtls</c>, sealed by <see cref="CredentialKeys"/> under the key of its record. Big endian: version (1 byte), writer (8),
/// revision (8), address (22), receiver (2: slot + 1, 0 for the owner), what was proven (1: 0 nothing, 1 a credential, 2 a certificate that an
/// authority has issued, 3 a credential of a server for one endpoint, 4 for all that begin so), print of that (32), identity and credential (each 2 bytes length, UTF-8), cipher suite (2), longest content (2), id of
/// the peer (1 byte length), key block (40), numbers to send and to receive (8 and 8), which were seen (8); of 3 and 4 that endpoint, to the end.
/// </summary>
static class SavedSessionRecord
{
    /// <summary>Longest identity, in bytes: more than 256 characters and a prefix can take. A session with a longer one is not written, and ends with its first block.</summary>
    const int MostIdentityBytes = 1024;

    const byte Version = 1;
    const int Fixed = 1 + 8 + 8 + Peer.Length + 2 + 1 + SavedSession.PrintLength + 2 + 2 + 2 + 2 + 1 + SessionState.KeyBlockLength + 24;

    static readonly UTF8Encoding Strict = new(false, true);

    /// <summary>Null for a session whose identity is longer than any that is meant.</summary>
    public static byte[]? Write(SavedSession session, byte[] key, CredentialKeys keys)
    {
        var (identity, credential) = (Encoding.UTF8.GetBytes(session.Identity), Encoding.UTF8.GetBytes(session.Credential));
        var state = session.State;
        var endpoint = session.LookedUp is { } rule ? Encoding.UTF8.GetBytes(rule.Text) : [];
        if (identity.Length > MostIdentityBytes || credential.Length > MostIdentityBytes || endpoint.Length > MostIdentityBytes)
            return null;
        var bytes = new byte[Fixed + identity.Length + credential.Length + state.PeerId.Length + endpoint.Length];
        var rest = bytes.AsSpan();
        Put8(ref rest, Version);
        Put64(ref rest, (ulong)session.Writer);
        Put64(ref rest, session.Revision);
        session.Route.Peer.With(0).Write(rest);
        rest = rest[Peer.Length..];
        Put16(ref rest, session.Route.Receiver + 1);
        Put8(ref rest, KindOf(session));
        Put(ref rest, session.Print);
        Put16(ref rest, identity.Length);
        Put(ref rest, identity);
        Put16(ref rest, credential.Length);
        Put(ref rest, credential);
        Put16(ref rest, state.Suite);
        Put16(ref rest, state.MostContent);
        Put8(ref rest, state.PeerId.Length);
        Put(ref rest, state.PeerId);
        Put(ref rest, state.KeyBlock);
        Put64(ref rest, state.Numbers.Send);
        Put64(ref rest, state.Numbers.Receive);
        Put64(ref rest, state.Numbers.Seen);
        Put(ref rest, endpoint);
        return keys.Seal(key, bytes);
    }

    /// <summary>Never throws, whatever the bytes.</summary>
    /// <param name="key">Of the record.</param>
    /// <param name="value">Of the record.</param>
    /// <param name="keys">To open it.</param>
    /// <param name="session">What it says.</param>
    /// <param name="reason">Why not: a label.</param>
    public static bool TryRead(byte[] key, byte[] value, CredentialKeys keys, [NotNullWhen(true)] out SavedSession? session, out string reason)
    {
        session = null;
        var verdict = keys.TryOpen(key, value, out var plaintext);
        reason = verdict == SealVerdict.Opened ? "invalid" : Labels<SealVerdict>.Of(verdict);
        return verdict == SealVerdict.Opened && SavedSessionKey.TryRead(key, out var named) && TryRead(named, plaintext, out session);
    }

    static bool TryRead(SavedSessionKey key, ReadOnlySpan<byte> rest, [NotNullWhen(true)] out SavedSession? session)
    {
        session = null;
        if (rest.Length < Fixed || rest[0] != Version)
            return false;
        rest = rest[1..];
        var (writer, revision) = ((long)Take64(ref rest), Take64(ref rest));
        if (!Peer.TryRead(Take(ref rest, Peer.Length), 0, out var peer))
            return false;
        var receiver = Take16(ref rest) - 1;
        var kind = Take(ref rest, 1)[0];
        var print = Take(ref rest, SavedSession.PrintLength).ToArray();
        if (!TryTakeText(ref rest, out var identity) || !TryTakeText(ref rest, out var credential) || rest.Length < 5)
            return false;
        var (suite, mostContent, idLength) = (Take16(ref rest), Take16(ref rest), Take(ref rest, 1)[0]);
        var endpointLength = rest.Length - idLength - SessionState.KeyBlockLength - 24;
        if (kind > 4 || (kind == 0) != (credential.Length == 0) || writer < 0 || endpointLength < 0 || (kind < 3 && endpointLength > 0))
            return false;
        var state = new SessionState
        {
            Id = key.Id,
            PeerId = Take(ref rest, idLength).ToArray(),
            Suite = suite,
            KeyBlock = Take(ref rest, SessionState.KeyBlockLength).ToArray(),
            MostContent = mostContent,
            Numbers = new RecordNumbers(Take64(ref rest), Take64(ref rest), Take64(ref rest)),
        };
        if (!TryText(rest, out var endpoint))
            return false;
        session = new SavedSession(writer, revision, key.Listener, new Route(peer, receiver), identity, credential, kind == 2, print, state)
        {
            LookedUp = kind < 3 ? null : EndpointRule.Of(endpoint, kind == 4),
        };
        return state.IsValid;
    }

    static int KindOf(SavedSession session) => session switch
    {
        { Credential.Length: 0 } => 0,
        { LookedUp: { } endpoints } => endpoints.IsPrefix ? 4 : 3,
        { IsIssued: true } => 2,
        _ => 1,
    };

    static bool TryTakeText(ref ReadOnlySpan<byte> rest, out string text)
    {
        text = "";
        if (rest.Length < 2 || Take16(ref rest) is var length && (length > MostIdentityBytes || length > rest.Length))
            return false;
        return TryText(Take(ref rest, length), out text);
    }

    static bool TryText(ReadOnlySpan<byte> bytes, out string text)
    {
        try
        {
            text = Strict.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }

    static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int length)
    {
        var taken = rest[..length];
        rest = rest[length..];
        return taken;
    }

    static int Take16(ref ReadOnlySpan<byte> rest) => BinaryPrimitives.ReadUInt16BigEndian(Take(ref rest, sizeof(ushort)));

    static ulong Take64(ref ReadOnlySpan<byte> rest) => BinaryPrimitives.ReadUInt64BigEndian(Take(ref rest, sizeof(ulong)));

    static void Put(ref Span<byte> rest, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(rest);
        rest = rest[bytes.Length..];
    }

    static void Put8(ref Span<byte> rest, int value)
    {
        rest[0] = (byte)value;
        rest = rest[1..];
    }

    static void Put16(ref Span<byte> rest, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)value);
        rest = rest[sizeof(ushort)..];
    }

    static void Put64(ref Span<byte> rest, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(rest, value);
        rest = rest[sizeof(ulong)..];
    }
}
