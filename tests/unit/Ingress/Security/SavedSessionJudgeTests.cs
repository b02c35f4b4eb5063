using Contracts.Configuration;
using Ingress.Forwarding;
using Ingress.Security;
using Ingress.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Protocol.Dtls;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>Whose session goes on in another process: only that of who would be let in now.</summary>
public sealed class SavedSessionJudgeTests : IDisposable
{
    readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("""[{"endpoint": "dev-1", "psk": "01"}]""", "dtls:default", "")]
    [InlineData("""[{"endpoint": "dev-1", "psk": "02"}]""", "dtls:default", "credential")]
    [InlineData("""[{"identity": "dev-1", "endpoint": "dev-2", "psk": "01"}]""", "dtls:default", "credential")]
    [InlineData("[]", "dtls:default", "credential")]
    [InlineData("""[{"endpoint": "dev-1", "psk": "01"}]""", "dtls:gone", "no_listener")]
    public void Credential_counts_where_it_is_the_same(string now, string listener, string reason)
    {
        var before = Credentials("""[{"endpoint": "dev-1", "psk": "01"}]""").FindPsk("dev-1")!;
        var session = Session(before) with { Listener = listener };
        var judged = Judge(Credentials(now)).Judge(session);
        Assert.Equal(reason, judged.Reason);
        Assert.Equal(reason.Length == 0 ? "psk:dev-1" : null, (judged.Identity?.Credential as Credential)?.Identity);
    }

    [Fact]
    public void What_a_server_was_asked_for_goes_on_where_there_is_one_and_the_file_does_not_say_otherwise()
    {
        var credential = new Credential("psk:dev-1", new EndpointRule("urn:*", "dev-1"), [1]) { IsLookedUp = true };
        var session = Session(credential) with { LookedUp = credential.Endpoints };
        using var server = new CredentialServer(
            new CredentialLookupOptions { Url = "http://127.0.0.1:9/" }, CredentialServerTests.Telemetry, new FakeTimeProvider(), NullLogger.Instance);
        var judged = Judge(Credentials("[]", server)).Judge(session).Identity!.Credential as Credential;
        Assert.True(judged!.Is(credential));
        Assert.Equal("credential", Judge(Credentials("[]")).Judge(session).Reason);
        Assert.Equal("credential", Judge(Credentials("[]", server)).Judge(session with { LookedUp = null }).Reason);
        Assert.Equal("credential", Judge(Credentials("""[{"endpoint": "dev-1", "psk": "02"}]""", server)).Judge(session).Reason);
    }

    [Fact]
    public void Certificate_of_an_authority_counts_for_the_same_endpoints_and_nobody_stays_nobody()
    {
        var issued = Session(Credential.OfIssued("dev-5", "urn:${identity}"));
        Assert.Equal("x509:dev-5", (Judge(Credentials("[]"), "urn:${identity}").Judge(issued).Identity?.Credential as Credential)?.Identity);
        Assert.Equal("credential", Judge(Credentials("[]"), null).Judge(issued).Reason);
        // Whatever is in the record: an authority says so of certificates alone.
        Assert.Equal("credential", Judge(Credentials("[]")).Judge(issued with { Credential = "psk:dev-5" }).Reason);
        Assert.Null(Judge(Credentials("[]")).Judge(Session(null)).Identity!.Credential);
    }

    static SavedSessionJudge Judge(Credentials credentials, string? x509 = null) => new(credentials, () => x509, name => name == "dtls:default");

    Credentials Credentials(string json, CredentialServer? server = null)
    {
        File.WriteAllText(_file, json);
        using var file = new CredentialFile(() => _file, new FakeTimeProvider(), NullLogger.Instance);
        return new Credentials(file, null, server);
    }

    static SavedSession Session(Credential? credential) => new(
        1, 1, "dtls:default", Route.Direct(default(Peer)), "", credential?.Identity ?? "", credential?.IsIssued == true, SavedSession.PrintOf(credential), new SessionState
        {
            Id = 1, PeerId = [], Suite = CipherSuite.PskCcm8.Number, KeyBlock = new byte[SessionState.KeyBlockLength], MostContent = 1024, Numbers = default,
        });
}
