using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using System.Net;
using System.Net.Sockets;

namespace Pipeline.IntegrationTests.Emqx;

/// <summary>Blocks as EMQX's users have them start as they are; the ports alone are other ones.</summary>
public sealed class ConfigurationBlockTests
{
    // The short form, with dotted keys, as it is often given on a page of settings.
    const string Dotted = """
        gateway.lwm2m.enable = true
        gateway.lwm2m.xml_dir = "/etc/emqx/lwm2m_xml"
        gateway.lwm2m.lifetime_min = "10s"
        gateway.lwm2m.lifetime_max = "12h"
        gateway.lwm2m.mountpoint = "lwm2m/${endpoint_name}/"
        gateway.lwm2m.translators.command.topic = "dn/#"
        gateway.lwm2m.translators.response.topic = "up/resp"
        gateway.lwm2m.translators.notify.topic = "up/notify"
        gateway.lwm2m.translators.register.topic = "up/resp"
        gateway.lwm2m.translators.update.topic = "up/resp"
        gateway.lwm2m.listeners.udp.default.bind = PORT1
        """;

    // With sections, without quotes where HOCON needs none, and more in the file than the gateway.
    const string Sections = """
        node { name = "emqx@10.0.0.7", cookie = "x", data_dir = "/var/lib/emqx" }
        dashboard { listeners { http { bind = 18083 } } }
        authentication = [ { mechanism = password_based, backend = built_in_database } ]
        gateway {
          coap { enable = true, listeners.udp.default.bind = 5683 }
          lwm2m {
            ## definitions
            xml_dir = etc/lwm2m_xml
            enable_stats = true
            idle_timeout = 30s
            lifetime_min = 1s
            lifetime_max = 86400s
            qmode_time_window = 22s
            auto_observe = off
            update_msg_publish_condition = contains_object_list
            mountpoint = "lwm2m/${endpoint_name}/"
            translators {
              command  { topic: "dn/#", qos: 0 }
              response { topic: "up/resp", qos: 0 }
              notify   { topic: "up/notify", qos: 0 }
              register { topic: "up/resp", qos: 0 }
              update   { topic: "up/resp", qos: 0 }
            }
            listeners {
              udp {
                default {
                  bind = "0.0.0.0:PORT1"
                  acceptors = 16
                  max_connections = 1024000
                  max_conn_rate = 1000
                  udp_options { active_n = 100, recbuf = 1MB, sndbuf = 1MB, reuseaddr = true }
                }
                field { bind = "127.0.0.1:PORT2", mountpoint = "field/${clientid}/", access_rules = ["allow 127.0.0.0/8", "deny all"] }
              }
            }
          }
        }
        """;

    // With an authenticator of the gateway and a listener that does without, and what newer versions know.
    const string Authenticated = """
        gateway.lwm2m {
          xml_dir = "${EMQX_ETC_DIR}/lwm2m_xml"
          lifetime_min = 15s, lifetime_max = 1d
          auto_observe = "/3/0,/4/0"
          coap_max_block_size = 512
          blockwise { enable = true, max_block_size = 1024, max_body_size = "4MB", exchange_lifetime = "247s" }
          clientinfo_override { username = "${endpoint_name}" }
          authentication {
            enable = true, mechanism = password_based, backend = http, method = post
            url = "http://127.0.0.1:9/lwm2m/auth"
            headers { "content-type" = "application/json" }
            body { clientid = "${clientid}", username = "${username}", password = "${password}" }
            pool_size = 8, connect_timeout = "15s", request_timeout = "5s"
          }
          translators {
            command { topic = "dn/#" }, response { topic = "up/resp" }, notify { topic = "up/notify" }
            register { topic = "up/resp" }, update { topic = "up/resp" }
          }
          listeners.udp.default { bind = PORT1, enable_authn = false, health_check { request = "are-you-there", reply = "i-am" } }
          listeners.udp.guarded { bind = PORT2 }
        }
        authorization { no_match = allow, deny_action = ignore, cache { enable = true }, sources = [] }
        """;

    // JSON, as the HTTP API of EMQX gives it back.
    const string Json = """
        {"gateway":{"lwm2m":{"enable":true,"xml_dir":"etc/lwm2m_xml","lifetime_min":"15s","lifetime_max":"86400s","qmode_time_window":"22s",
         "auto_observe":false,"update_msg_publish_condition":"always","mountpoint":"lwm2m/${endpoint_name}/","idle_timeout":"30s",
         "translators":{"command":{"topic":"dn/#","qos":0},"response":{"topic":"up/resp","qos":0},"notify":{"topic":"up/notify","qos":0},
          "register":{"topic":"up/resp","qos":0},"update":{"topic":"up/resp","qos":0}},
         "listeners":{"udp":{"default":{"bind":"PORT1","max_connections":"infinity","max_conn_rate":"infinity"}}}}}}
        """;

    [Theory]
    [InlineData(nameof(Dotted), Dotted)]
    [InlineData(nameof(Sections), Sections)]
    [InlineData(nameof(Authenticated), Authenticated)]
    [InlineData(nameof(Json), Json)]
    public async Task Block_starts_as_it_is(string row, string block)
    {
        Assert.NotEmpty(row);
        await using var gateway = new BlockFixture(block);
        await gateway.InitializeAsync();
        using var story = Story.Begin(gateway, new IPEndPoint(IPAddress.Loopback, gateway.Coap.Port));
        await story.Device.RegisterAsync("</1/0>");
        Assert.StartsWith("""{"data":{"alternatePath":"/",""", await story.HearAsync("up/resp"), StringComparison.Ordinal);
        await story.HearNothingBeforeNextAnswerAsync();
        await story.Device.DeregisterAsync();
    }

    [Fact]
    public async Task Block_with_a_dtls_listener_starts()
    {
        using var certificates = new Certificates();
        await using var gateway = new BlockFixture($$"""
            gateway.lwm2m {
              xml_dir = "etc/lwm2m_xml"
              translators {
                command { topic = "dn/#", qos = 0 }, response { topic = "up/resp", qos = 0 }, notify { topic = "up/notify", qos = 0 }
                register { topic = "up/resp", qos = 0 }, update { topic = "up/resp", qos = 0 }
              }
              listeners {
                udp.default { bind = "127.0.0.1:PORT1" }
                dtls.default {
                  bind = "127.0.0.1:PORT2"
                  acceptors = 4
                  max_connections = 102400
                  dtls_options {
                    versions = ["dtlsv1.2"], ciphers = [], depth = 10
                    certfile = "{{certificates.Certificate}}", keyfile = "{{certificates.Key}}", cacertfile = "{{certificates.Certificate}}"
                    verify = verify_none, fail_if_no_peer_cert = false
                    handshake_timeout = 15s, reuse_sessions = true, secure_renegotiate = true, honor_cipher_order = true
                  }
                }
              }
            }
            """);
        await gateway.InitializeAsync();
        using var story = Story.Begin(gateway);
        await story.Device.RegisterAsync();
        await story.HearAsync("up/resp");
        await story.Device.DeregisterAsync();
    }

    sealed class BlockFixture(string block) : StandaloneFixture
    {
        private protected override string Configuration { get; } = block
            .Replace("PORT1", Port(), StringComparison.Ordinal)
            .Replace("PORT2", Port(), StringComparison.Ordinal);

        static string Port() => ServiceProcess.FreePort(SocketType.Dgram).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>A self-signed certificate and its key, as files.</summary>
    sealed class Certificates : IDisposable
    {
        readonly string _folder = Directory.CreateTempSubdirectory("certificates").FullName;

        public Certificates()
        {
            using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
            var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=gateway", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
            using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
            File.WriteAllText(Certificate, certificate.ExportCertificatePem());
            File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
        }

        public string Certificate => Path.Combine(_folder, "cert.pem");

        public string Key => Path.Combine(_folder, "key.pem");

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
