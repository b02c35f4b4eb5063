using Pipeline.Tests.Ingress;

namespace Pipeline.IntegrationTests.Gateways;

/// <summary>Standalone with an authenticator and an authorization source, and mountpoints of tenants.</summary>
public sealed class AccessFixture : StandaloneFixture
{
    internal AskedServer Server { get; private set; } = null!;

    private protected override string Configuration => With("");

    /// <summary>The configuration with more listeners.</summary>
    internal string With(string listeners) => $$"""
        gateway.lwm2m {
          mountpoint = "lwm2m/${client_attrs.tenant}/${endpoint_name}/"
          translators {
            command { topic = "dn/#" }
            response { topic = "up/resp" }
            notify { topic = "up/notify" }
            register { topic = "up/register" }
            update { topic = "up/update" }
          }
          authentication {
            mechanism = password_based
            backend = http
            method = post
            url = "{{Server.Url}}/auth"
            headers { content-type = "application/json" }
            body { username = "${username}", password = "${password}", clientid = "${clientid}" }
          }
          listeners.udp.default { bind = "127.0.0.1:0", health_check { request = "are you there?", reply = "yes" } }
          {{listeners}}
          listeners.udp.named { bind = "127.0.0.1:0", access_rules = ["deny all"] }
        }
        authorization {
          no_match = allow
          sources = [{ type = http, method = post, url = "{{Server.Url}}/acl", body { topic = "${topic}", action = "${action}" } }]
        }
        """;

    public override async ValueTask InitializeAsync()
    {
        Server = await AskedServer.StartAsync();
        Server.Answer = request => (200, "application/json", Answer(request));
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Server.DisposeAsync();
    }

    static string Answer(AskedServer.Request request)
    {
        if (request.Target == "/acl")
            return request.Body.Contains("up/update", StringComparison.Ordinal) ? """{"result":"deny"}""" : """{"result":"ignore"}""";
        return request.Body.Contains("\"password\":\"right\"", StringComparison.Ordinal)
            ? """{"result":"allow","client_attrs":{"tenant":"blue"}}"""
            : """{"result":"deny"}""";
    }
}
