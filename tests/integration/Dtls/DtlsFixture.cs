using System.Net;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Dtls;

/// <summary>Standalone with a DTLS listener, and keys of some devices.</summary>
public sealed class DtlsFixture : StandaloneFixture
{
    /// <summary>The key of all of them, as clients of the command line take it: text.</summary>
    internal const string Key = "open sesame 1234";

    readonly string _credentials = Path.GetTempFileName();

    internal IPEndPoint Secure => Door("dtls:default");

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
          listeners.dtls.default { bind = "127.0.0.1:0" }
        }
        credentials.file = "{{_credentials}}"
        """;

    public override async ValueTask InitializeAsync()
    {
        var psk = Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(Key));
        await File.WriteAllTextAsync(_credentials, $$"""
            [{"identity": "site-1", "endpoint": "site-1-*", "psk": "{{psk}}"}, {"identity": "piped", "endpoint": "piped-*", "psk": "{{psk}}"},
             {"endpoint": "rover", "psk": "{{psk}}"}]
            """);
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        File.Delete(_credentials);
    }
}
