using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Contracts.Configuration;
using Ingress;
using Ingress.Security;
using Ingress.Service;
using Ingress.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Org.BouncyCastle.Tls;
using Pipeline.Tests.Dtls;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>Devices with certificates and raw public keys at a DTLS listener on the loopback: whatever comes is sent back.</summary>
public sealed class CertificateListenerTests : IDisposable
{
    static readonly System.Diagnostics.Metrics.IMeterFactory Meters =
        new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();

    readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    readonly TestAuthority _authority = new("authority");
    readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    readonly List<IDisposable> _devices = [];
    readonly CredentialFile _credentials;
    readonly Listeners _listeners;
    string? _endpoints;
    DtlsOptions _options;
    Peer _last;
    int _versions;

    public CertificateListenerTests()
    {
        WriteServer(_authority.Issue("CN=gateway", usage: TestAuthority.ForServers));
        Write("ca.pem", _authority.Certificate.ExportCertificatePem());
        Write("credentials.json", """[{"endpoint": "dev-psk", "psk": "01"}]""");
        _options = new DtlsOptions { Certfile = PathOf("server.pem"), Keyfile = PathOf("server.key"), Cacertfile = PathOf("ca.pem"), Verify = "verify_peer" };
        _credentials = new CredentialFile(() => PathOf("credentials.json"), _time, NullLogger.Instance);
        var needs = new DtlsNeeds(new Credentials(_credentials), new IngressTelemetry(Meters), _time, NullLogger.Instance, 100, 0) { X509Endpoint = () => _endpoints };
        _listeners = new Listeners(Options(), NullLogger.Instance, needs);
        _listeners.Start(1, Echo);
    }

    public void Dispose()
    {
        _listeners.Dispose();
        _credentials.Dispose();
        _devices.ForEach(d => d.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8)]
    [InlineData(CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)]
    public async Task Device_is_who_its_certificate_says(int suite)
    {
        var device = new CertificateDevice(_authority.Issue("CN=dev-1,O=factory"), suite: suite) { ServerName = "gateway.example" };
        await EchoedAsync(device);
        var proven = _listeners.Of(_last)!;
        Assert.Equal(("x509:dev-1", true, false), (proven.Identity, proven.Endpoints.Allows("dev-1"), proven.Endpoints.Allows("dev-2")));
        Assert.Equal(proven.Proof, _last.Proof);
        Assert.Equal(X509CertificateLoader.LoadCertificateFromFile(PathOf("server.pem")).RawData, device.Server);

        // Beside it one with a pre-shared key.
        var other = Client(null);
        await other.ConnectAsync();
        other.Say("hello");
        Assert.Equal("echo hello", other.Hear());
        Assert.Equal("psk:dev-psk", _listeners.Of(_last)!.Identity);
    }

    [Fact]
    public async Task Certificate_without_a_common_name_names_by_DNS_and_the_rule_says_for_whom_it_counts()
    {
        _endpoints = "urn:dev:${identity}";
        await EchoedAsync(new CertificateDevice(_authority.Issue("O=factory", dnsName: "dev-7.example")));
        var proven = _listeners.Of(_last)!;
        Assert.Equal("x509:dev-7.example", proven.Identity);
        Assert.True(proven.Endpoints.Allows("urn:dev:dev-7.example"));
        Assert.False(proven.Endpoints.Allows("dev-7.example"));
    }

    [Fact]
    public async Task Who_does_not_count_is_told_why()
    {
        await RefusedAsync(AlertDescription.unknown_ca, new TestAuthority("authority").Issue("CN=dev-1"));
        await RefusedAsync(AlertDescription.unknown_ca, TestAuthority.Self("dev-1"));
        await RefusedAsync(AlertDescription.certificate_expired, _authority.Issue("CN=dev-1", until: DateTimeOffset.UtcNow.AddDays(-1)));
        await RefusedAsync(AlertDescription.bad_certificate, _authority.Issue("CN=dev-1", usage: TestAuthority.ForServers));
        await RefusedAsync(AlertDescription.bad_certificate, _authority.Issue("O=nobody"));
        await RefusedAsync(AlertDescription.handshake_failure, null);
        await RefusedAsync(AlertDescription.certificate_unknown, TestAuthority.Self("dev-1"), isRaw: true);
        // It shows another's certificate, and has not its key.
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var shown = X509CertificateLoader.LoadCertificate(_authority.Issue("CN=dev-1").RawData);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=dev-1", stranger, HashAlgorithmName.SHA256);
        await RefusedAsync(AlertDescription.decrypt_error, request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1)), shows: shown);
        Assert.Equal(0, _listeners.Secure.Single().Sessions);
    }

    [Fact]
    public async Task Certificate_counts_until_its_end()
    {
        var certificate = _authority.Issue("CN=dev-1", until: DateTimeOffset.UtcNow.AddHours(1));
        await EchoedAsync(new CertificateDevice(certificate));
        _time.Advance(TimeSpan.FromHours(2));
        await RefusedAsync(AlertDescription.certificate_expired, certificate);
    }

    [Fact]
    public async Task Certificate_in_the_list_needs_no_authority_and_goes_with_its_entry()
    {
        var certificate = TestAuthority.Self("whatever");
        WriteCredentials($$"""[{"endpoint": "dev-3", "x509": "{{Convert.ToHexString(SHA256.HashData(certificate.RawData))}}"}]""");
        var device = await EchoedAsync(new CertificateDevice(certificate));
        Assert.StartsWith("x509-sha256:", _listeners.Of(_last)!.Identity, StringComparison.Ordinal);
        Assert.True(_listeners.Of(_last)!.Endpoints.Allows("dev-3"));
        WriteCredentials("[]");
        device.Say("still here");
        Assert.Equal("", device.Hear());
        Assert.Equal(0, _listeners.Secure.Single().Sessions);
    }

    [Fact]
    public async Task Raw_public_key_is_known_by_the_list_and_gets_the_servers_own()
    {
        var key = TestAuthority.Self("unseen");
        WriteCredentials($$"""[{"endpoint": "dev-2", "rpk": "{{Convert.ToBase64String(TestAuthority.PublicKeyOf(key))}}"}]""");
        var device = new CertificateDevice(key, isRaw: true);
        await EchoedAsync(device);
        Assert.StartsWith("rpk-sha256:", _listeners.Of(_last)!.Identity, StringComparison.Ordinal);
        Assert.True(_listeners.Of(_last)!.Endpoints.Allows("dev-2"));
        Assert.Equal(X509CertificateLoader.LoadCertificateFromFile(PathOf("server.pem")).PublicKey.ExportSubjectPublicKeyInfo(), device.Server);

        // Without a certificate of its own the listener has no other.
        _options = _options with { Certfile = null };
        _listeners.Follow(Options());
        await EchoedAsync(new CertificateDevice(key, isRaw: true));
        await RefusedAsync(AlertDescription.handshake_failure, _authority.Issue("CN=dev-1"));
    }

    [Fact]
    public async Task Certificates_are_replaced_while_sessions_go_on()
    {
        var first = await EchoedAsync(new CertificateDevice(_authority.Issue("CN=dev-1")));
        var next = _authority.Issue("CN=gateway", usage: TestAuthority.ForServers);
        WriteServer(next);
        _time.Advance(TimeSpan.FromSeconds(1));
        var second = new CertificateDevice(_authority.Issue("CN=dev-2"));
        await EchoedAsync(second);
        Assert.Equal(next.RawData, second.Server);

        // The key of another certificate, and no file at all.
        Write("server.key", TestAuthority.KeyOf(_authority.Issue("CN=other")));
        _time.Advance(TimeSpan.FromSeconds(1));
        await EchoedAsync(new CertificateDevice(_authority.Issue("CN=dev-2")));
        File.Delete(PathOf("server.pem"));
        _time.Advance(TimeSpan.FromSeconds(1));
        var third = new CertificateDevice(_authority.Issue("CN=dev-3"));
        await EchoedAsync(third);
        Assert.Equal(next.RawData, third.Server);
        first.Say("still here");
        Assert.Equal("echo still here", first.Hear());
    }

    [Fact]
    public async Task Who_is_not_asked_proves_nothing()
    {
        _options = _options with { Verify = "verify_none" };
        _listeners.Follow(Options());
        await EchoedAsync(new CertificateDevice(null));
        Assert.Equal(0ul, _last.Proof);
        Assert.Null(_listeners.Of(_last));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Session_is_taken_up_again_with_a_short_handshake(bool hasId)
    {
        var certificate = _authority.Issue("CN=dev-1");
        var first = new CertificateDevice(certificate) { OffersId = hasId };
        await EchoedAsync(first);
        var before = _last;
        Assert.Equal(1, _listeners.Secure.Single().Resumable);
        // It shows no certificate again, and is who it was.
        var second = new CertificateDevice(null) { OffersId = hasId, Earlier = first.Made };
        await EchoedAsync(second);
        Assert.True(second.IsResumed);
        Assert.Equal("x509:dev-1", _listeners.Of(_last)!.Identity);
        Assert.NotEqual(before, _last);
        Assert.Equal(2, _listeners.Secure.Single().Sessions);
        // Also a second time.
        var third = new CertificateDevice(null) { OffersId = !hasId, Earlier = first.Made };
        await EchoedAsync(third);
        Assert.True(third.IsResumed);

        _time.Advance(TimeSpan.FromHours(25));
        var late = new CertificateDevice(certificate) { Earlier = first.Made };
        await EchoedAsync(late);
        Assert.False(late.IsResumed);
        _options = _options with { ReuseSessions = false };
        _listeners.Follow(Options());
        var refused = new CertificateDevice(certificate) { Earlier = late.Made };
        await EchoedAsync(refused);
        Assert.False(refused.IsResumed);
    }

    async Task<DtlsClient> EchoedAsync(CertificateDevice own)
    {
        var device = Client(own);
        await device.ConnectAsync();
        device.Say("hello");
        Assert.Equal("echo hello", device.Hear());
        return device;
    }

    async Task RefusedAsync(short alert, X509Certificate2? certificate, bool isRaw = false, X509Certificate2? shows = null)
    {
        var device = Client(new CertificateDevice(certificate, isRaw) { Shows = shows });
        var refusal = await Assert.ThrowsAsync<TlsFatalAlertReceived>(device.ConnectAsync);
        Assert.Equal(AlertDescription.GetText(alert), AlertDescription.GetText(refusal.AlertDescription));
    }

    DtlsClient Client(CertificateDevice? own)
    {
        var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        _devices.Add(socket);
        socket.Connect(_listeners.Open.Single(l => l.Name == "dtls:secure").LocalEndPoint);
        var client = new DtlsClient(datagram => socket.Send(datagram), "dev-psk", [1]) { Own = own };
        _ = Task.Run(async () =>
        {
            while (true)
                client.Deliver((await socket.ReceiveAsync()).Buffer);
        });
        return client;
    }

    void Echo(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        _last = peer;
        _listeners.Send(peer, [.. "echo "u8, .. datagram]);
    }

    Lwm2mOptions Options() => new()
    {
        Listeners = new ListenersOptions
        {
            Udp = new Dictionary<string, UdpListenerOptions> { ["plain"] = new() { Bind = BindAddress.Loopback(0) } },
            Dtls = new Dictionary<string, DtlsListenerOptions> { ["secure"] = new() { Bind = BindAddress.Loopback(0), DtlsOptions = _options } },
        },
    };

    string PathOf(string name) => Path.Combine(_folder, name);

    void WriteServer(X509Certificate2 certificate)
    {
        Write("server.pem", certificate.ExportCertificatePem());
        Write("server.key", TestAuthority.KeyOf(certificate));
    }

    void WriteCredentials(string json)
    {
        Write("credentials.json", json);
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    // Each has another time, however quickly they follow each other.
    void Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        File.SetLastWriteTimeUtc(PathOf(name), DateTime.UnixEpoch.AddDays(++_versions));
    }
}
