using System.Net;
using Ingress.Forwarding;
using Ingress.Security;
using Ingress.Sockets;
using Pipeline.Tests.Fuzz;
using Protocol.Dtls;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>A DTLS session as bytes.</summary>
public sealed class SavedSessionRecordTests
{
    const string KeyText = "k1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    // Written by hand, to the form that is written down: every later version must read it.
    const string Golden =
        "01" + "0000000000000102" + "0000000000000003"
        + "00000000000000000000ffff0a010203" + "00000000" + "1388" + "0000"
        + "01" + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        + "0005" + "6465762d31" + "0009" + "70736b3a6465762d31"
        + "c0a8" + "4000" + "02" + "0708"
        + "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" + "2021222324252627"
        + "0000000000000400" + "0000000000000010" + "ffffffffffffffff";

    static readonly byte[] RecordKey = [0x00, 0x07, 1, 2, 3, 4, .. "dtls:default"u8];

    static readonly CredentialKeys Keys = CredentialKeys.TryRead([KeyText], out var keys, out _) ? keys : throw new InvalidOperationException();

    [Theory]
    [InlineData("urn:dev-1", false)]
    [InlineData("urn:", true)]
    [InlineData("urn:*", false)]
    [InlineData("${identity}", false)]
    public void For_whom_a_looked_up_credential_counts_goes_with_its_session(string endpoint, bool isPrefix)
    {
        Assert.True(SavedSessionRecord.TryRead(RecordKey, Keys.Seal(RecordKey, Convert.FromHexString(Golden)), Keys, out var session, out _));
        Assert.Null(session.LookedUp);
        var rule = EndpointRule.Of(endpoint, isPrefix);
        var written = SavedSessionRecord.Write(session with { LookedUp = rule }, RecordKey, Keys)!;
        Assert.True(SavedSessionRecord.TryRead(RecordKey, written, Keys, out var again, out _));
        Assert.Equal(rule, again.LookedUp);
        Assert.Equal(isPrefix, again.LookedUp!.Value.Allows(endpoint + "x"));
    }

    [Fact]
    public void Session_of_another_day_is_read_and_written_the_same()
    {
        var plaintext = Convert.FromHexString(Golden);
        Assert.True(SavedSessionRecord.TryRead(RecordKey, Keys.Seal(RecordKey, plaintext), Keys, out var session, out _));
        Assert.Equal((0x102L, 3UL, "dtls:default", "dev-1", "psk:dev-1", false), (session.Writer, session.Revision, session.Listener, session.Identity, session.Credential, session.IsIssued));
        Assert.Equal(Route.Direct(Peer.From(new IPEndPoint(IPAddress.Parse("10.1.2.3"), 5000), 0)), session.Route);
        Assert.Equal((0x0007_01020304UL, 0xC0A8, 1 << 14), (session.State.Id, session.State.Suite, session.State.MostContent));
        Assert.Equal([7, 8], session.State.PeerId);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (byte)i), session.State.KeyBlock);
        Assert.Equal(new RecordNumbers(1024, 16, ulong.MaxValue), session.State.Numbers);
        Assert.Equal(RecordKey, session.Key.ToBytes());

        var written = SavedSessionRecord.Write(session, RecordKey, Keys)!;
        Assert.Equal(SealVerdict.Opened, Keys.TryOpen(RecordKey, written, out var again));
        Assert.Equal(plaintext, again);
        // No key is in what may be printed, and none without the seal.
        Assert.DoesNotContain("0001", session.ToString() + session.State, StringComparison.Ordinal);
        Assert.Equal(-1, written.AsSpan().IndexOf(session.State.KeyBlock.AsSpan(0, 16)));
    }

    [Fact]
    public void Record_counts_for_its_own_key_and_whole()
    {
        var plaintext = Convert.FromHexString(Golden);
        var value = Keys.Seal(RecordKey, plaintext);
        Assert.False(SavedSessionRecord.TryRead([0, 7, 1, 2, 3, 5, .. "dtls:default"u8], value, Keys, out _, out var reason));
        Assert.Equal("forged", reason);
        for (var length = 0; length < plaintext.Length; length++)
            Assert.False(SavedSessionRecord.TryRead(RecordKey, Keys.Seal(RecordKey, plaintext.AsSpan(0, length)), Keys, out _, out _));
        Assert.False(SavedSessionRecord.TryRead(RecordKey, Keys.Seal(RecordKey, [.. plaintext, 0]), Keys, out _, out reason));
        Assert.Equal("invalid", reason);
    }

    [Fact]
    public void Session_with_a_name_longer_than_any_is_not_written()
    {
        Assert.True(SavedSessionRecord.TryRead(RecordKey, Keys.Seal(RecordKey, Convert.FromHexString(Golden)), Keys, out var session, out _));
        Assert.NotNull(SavedSessionRecord.Write(session with { Identity = new string('x', 1024) }, RecordKey, Keys));
        Assert.Null(SavedSessionRecord.Write(session with { Identity = new string('x', 1025) }, RecordKey, Keys));
    }

    /// <summary>Whoever has the keys and writes nonsense does no harm: what is read makes a session, and is written the same again.</summary>
    [Fact]
    public void Plaintext_OfAnything() => FuzzLoop.Run(
        input =>
        {
            var value = Keys.Seal(RecordKey, input);
            if (!SavedSessionRecord.TryRead(RecordKey, value, Keys, out var session, out _))
                return;
            Assert.True(session.State.IsValid);
            Keys.TryOpen(RecordKey, SavedSessionRecord.Write(session, RecordKey, Keys)!, out var again);
            Assert.Equal(input.ToArray(), again);
        },
        Convert.FromHexString(Golden));

    [Fact]
    public void Record_OfStrangers() => FuzzLoop.Run(
        input =>
        {
            var bytes = input.ToArray();
            SavedSessionKey.TryRead(bytes, out _);
            if (SavedSessionRecord.TryRead(RecordKey, bytes, Keys, out _, out _))
                throw new InvalidOperationException("taken");
        },
        [RecordKey, Convert.FromHexString(Golden)]);
}
