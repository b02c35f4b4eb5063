using System.Net;
using System.Security.Cryptography.X509Certificates;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.Tests.Dtls;

namespace Pipeline.IntegrationTests.Dtls;

/// <summary>Standalone with a DTLS listener that takes certificates of an authority, and one raw public key.</summary>
public sealed class CertificateFixture : StandaloneFixture
{
    readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    internal TestAuthority Authority { get; } = new("authority");

    internal IPEndPoint Secure => Door("dtls:default");

    /// <summary>The file of the authority's certificate.</summary>
    internal string AuthorityFile => Path.Combine(_folder, "ca.pem");

    /// <summary>The key of the device whose raw public key is known.</summary>
    internal string RawKeyFile => Path.Combine(_folder, "raw.pem");

    private protected override string Configuration => $$"""
        gateway.lwm2m {
          mountpoint = "lwm2m/${endpoint_name}/"
          translators {
            command { topic = "dn/#" }
            response { topic = "up/resp" }
            notify { topic = "up/notify" }
            register { topic = "up/register" }
            update { topic = "up/update" }
          }
          listeners.udp.default { bind = "127.0.0.1:0" }
          listeners.dtls.default {
            bind = "127.0.0.1:0"
            dtls_options {
              certfile = "{{Path.Combine(_folder, "server.pem")}}"
              keyfile = "{{Path.Combine(_folder, "server.key")}}"
              cacertfile = "{{AuthorityFile}}"
              verify = verify_peer
              fail_if_no_peer_cert = true
            }
          }
        }
        credentials { file = "{{Path.Combine(_folder, "credentials.json")}}", x509_endpoint = "${identity}" }
        """;

    /// <summary>Writes a certificate and its key into one file, and returns its path.</summary>
    internal string Write(X509Certificate2 certificate)
    {
        var path = Path.Combine(_folder, Path.GetRandomFileName() + ".pem");
        File.WriteAllText(path, certificate.ExportCertificatePem() + "\n" + TestAuthority.KeyOf(certificate) + "\n");
        return path;
    }

    public override async ValueTask InitializeAsync()
    {
        var server = Authority.Issue("CN=localhost", dnsName: "localhost", usage: TestAuthority.ForServers);
        await File.WriteAllTextAsync(Path.Combine(_folder, "server.pem"), server.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(_folder, "server.key"), TestAuthority.KeyOf(server));
        await File.WriteAllTextAsync(AuthorityFile, Authority.Certificate.ExportCertificatePem());
        var raw = TestAuthority.Self("raw");
        await File.WriteAllTextAsync(RawKeyFile, TestAuthority.KeyOf(raw) + "\n");
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "credentials.json"), $$"""[{"endpoint": "raw-1", "rpk": "{{Convert.ToBase64String(TestAuthority.PublicKeyOf(raw))}}"}]""");
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
