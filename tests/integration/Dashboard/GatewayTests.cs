using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Dashboard;

/// <summary>The gateway, its listeners, authenticators, subscriptions, and the document that describes the API.</summary>
[Collection(OnDashboard.Name)]
public sealed class GatewayTests(DashboardFixture gateway)
{
    const string Listener = Api.Lwm2m + "/listeners/lwm2m:udp:default";

    Api Api => gateway.Api;

    [Fact]
    public async Task The_gateway_runs()
    {
        var listed = (await Api.GetAsync("/api/v5/gateways")).Expect(200).Json[0];
        Assert.Equal(("lwm2m", "running"), (listed.GetProperty("name").GetString(), listed.GetProperty("status").GetString()));
        Assert.Equal("infinity", listed.GetProperty("max_connections").GetString());
        Assert.Equal(1, (await Api.GetAsync("/api/v5/gateways?status=running")).Expect(200).Json.GetArrayLength());
        Assert.Equal(0, (await Api.GetAsync("/api/v5/gateways?status=stopped")).Expect(200).Json.GetArrayLength());
        (await Api.GetAsync("/api/v5/gateways?status=well")).ExpectError(400, "BAD_REQUEST", "unloaded");
        (await Api.GetAsync("/api/v5/gateways/coap")).ExpectError(404, "NOT_FOUND", "coap");
    }

    [Fact]
    public async Task Settings_are_shown_with_emqx_names_and_can_be_sent_back()
    {
        var shown = (await Api.GetAsync(Api.Lwm2m)).Expect(200);
        Assert.Equal("lwm2m", shown.Json.GetProperty("name").GetString());
        Assert.Equal("1s", shown.Json.GetProperty("lifetime_min").GetString());
        Assert.Equal("22s", shown.Json.GetProperty("qmode_time_window").GetString());
        Assert.False(shown.Json.GetProperty("auto_observe").GetBoolean());
        Assert.Equal("up/resp", shown.Json.GetProperty("translators").GetProperty("response").GetProperty("topic").GetString());
        Assert.Equal(JsonValueKind.Array, shown.Json.GetProperty("listeners").ValueKind);
        (await Api.PutAsync(Api.Lwm2m, shown.Text)).Expect(204);
    }

    [Theory]
    [InlineData("""{"lifetime_maxx":"1d"}""", "did you mean 'lifetime_max'?")]
    [InlineData("""{"lifetime_max":"soon"}""", "gateway.lwm2m.lifetime_max")]
    [InlineData("""{"lifetime_max":"20000d"}""", "3650d")]
    [InlineData("""{"auto_observe":"/x"}""", "auto_observe")]
    [InlineData("""{"translators":{"notify":{"qos":3}}}""", "gateway.lwm2m.translators.notify.qos")]
    [InlineData("""{"translators":{"notify":{"topics":"x"}}}""", "translators.notify.topics is not known")]
    [InlineData("""{"mountpoint":"other/"}""", "needs a restart")]
    [InlineData("""{"lifetime_max":"1d","idle_timeout":"31s"}""", "gateway.lwm2m.idle_timeout")]
    [InlineData("[]", "JSON object")]
    [InlineData("", "JSON")]
    public async Task A_setting_that_cannot_be_is_refused_with_its_key(string body, string part) =>
        (await Api.PutAsync(Api.Lwm2m, body)).ExpectError(400, "BAD_REQUEST", part);

    [Fact]
    public async Task A_setting_is_in_force_when_the_answer_comes()
    {
        try
        {
            (await Api.PutAsync(Api.Lwm2m, """{"lifetime_max":"500s"}""")).Expect(204);
            Assert.Equal("500s", (await Api.GetAsync(Api.Lwm2m)).Json.GetProperty("lifetime_max").GetString());
            using var device = new BareDevice(gateway.Coap);
            await device.RegisterAsync(lifetime: 5000);
            var client = (await Api.GetAsync(Api.Client(device.Endpoint))).Expect(200).Json;
            Assert.Equal((500, 5000), (client.GetProperty("lifetime").GetInt32(), client.GetProperty("keepalive").GetInt32()));
        }
        finally
        {
            (await Api.PutAsync(Api.Lwm2m, """{"lifetime_max":null}""")).Expect(204);
        }

        Assert.Equal("1d", (await Api.GetAsync(Api.Lwm2m)).Json.GetProperty("lifetime_max").GetString());
    }

    [Fact]
    public async Task Enabling_what_is_enabled_changes_nothing()
    {
        (await Api.PutAsync(Api.Lwm2m + "/enable/true")).Expect(204);
        (await Api.PutAsync(Api.Lwm2m + "/enable/perhaps")).ExpectError(400, "BAD_REQUEST", "enable");
    }

    [Fact]
    public async Task Listeners_are_shown()
    {
        var all = (await Api.GetAsync(Api.Lwm2m + "/listeners")).Expect(200).Json;
        Assert.Equal(["lwm2m:udp:default", "lwm2m:udp:named"], all.EnumerateArray().Select(l => l.GetProperty("id").GetString()));
        var one = (await Api.GetAsync(Listener)).Expect(200).Json;
        Assert.Equal(("udp", "default", "127.0.0.1:0", true),
            (one.GetProperty("type").GetString(), one.GetProperty("name").GetString(), one.GetProperty("bind").GetString(), one.GetProperty("running").GetBoolean()));
        (await Api.GetAsync(Api.Lwm2m + "/listeners/lwm2m:udp:other")).ExpectError(404, "RESOURCE_NOT_FOUND");
        (await Api.PutAsync(Listener, one.GetRawText())).Expect(200);
    }

    [Fact]
    public async Task Listeners_come_change_and_go()
    {
        const string Other = Api.Lwm2m + "/listeners/lwm2m:udp:other";
        var door = new IPEndPoint(IPAddress.Loopback, ServiceProcess.FreePort(SocketType.Dgram));
        var made = (await Api.PostAsync(Api.Lwm2m + "/listeners", $$"""{"type":"udp","name":"other","bind":"{{door}}"}""")).Expect(201).Json;
        Assert.Equal("lwm2m:udp:other", made.GetProperty("id").GetString());
        using (var device = new BareDevice(door))
            await device.RegisterAsync();

        (await Api.PutAsync(Other, """{"access_rules":["deny all"]}""")).Expect(200);
        using (var device = new BareDevice(door))
        {
            await device.SendAsync(device.RegisterRequest());
            await device.ExpectSilenceAsync(300);
        }

        (await Api.DeleteAsync(Other)).Expect(204);
        (await Api.GetAsync(Other)).ExpectError(404, "RESOURCE_NOT_FOUND");
        using (var device = new BareDevice(gateway.Coap))
            await device.RegisterAsync();
    }

    [Fact]
    public async Task Changes_of_listeners_that_cannot_be_are_refused()
    {
        (await Api.PostAsync(Api.Lwm2m + "/listeners", """{"type":"udp","name":"default","bind":"1"}""")).ExpectError(400, "BAD_REQUEST", "already");
        (await Api.PostAsync(Api.Lwm2m + "/listeners", """{"type":"tcp","name":"other","bind":"1"}""")).ExpectError(400, "BAD_REQUEST", "udp, dtls");
        (await Api.PostAsync(Api.Lwm2m + "/listeners", """{"type":"udp","name":"other"}""")).ExpectError(400, "BAD_REQUEST", "bind");
        (await Api.PutAsync(Listener, """{"mountpoint":"x/"}""")).ExpectError(400, "BAD_REQUEST", "restart");
        (await Api.PutAsync(Listener, """{"name":"x"}""")).ExpectError(400, "BAD_REQUEST", "name");
        (await Api.DeleteAsync(Api.Lwm2m + "/listeners/lwm2m:udp:none")).ExpectError(404, "RESOURCE_NOT_FOUND");
    }

    [Theory]
    [InlineData(Api.Lwm2m + "/authentication")]
    [InlineData(Listener + "/authentication")]
    public async Task Without_an_authenticator_there_is_no_content(string path)
    {
        (await Api.GetAsync(path)).Expect(204);
        (await Api.DeleteAsync(path)).Expect(204);
        (await Api.PostAsync(path, """{"mechanism":"password_based","backend":"http","url":"http://127.0.0.1:1/"}""")).ExpectError(400, "BAD_REQUEST", "authentication");
    }

    [Fact]
    public async Task A_client_has_the_gateways_subscription_and_may_get_more()
    {
        using var story = await Story.BeginRegisteredAsync(gateway);
        var path = Api.Client(story.Endpoint, "/subscriptions");
        Assert.Equal($$"""[{"topic":"lwm2m/{{story.Endpoint}}/dn/#","qos":1,"nl":0,"rap":0,"rh":1}]""", (await Api.GetAsync(path)).Expect(200).Text);

        (await Api.PostAsync(path, """{"topic":"more/#","qos":1,"nl":0,"rap":0,"rh":0,"sub_props":{}}""")).Expect(201);
        await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0/0"}}""", "more/of/it");
        await story.Device.AnswerAsync(await story.Device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.NotFound);
        Assert.Equal($"lwm2m/{story.Endpoint}/more/#", (await Api.GetAsync(path)).Expect(200).Json[1].GetProperty("topic").GetString());
        Assert.Equal(2, (await Api.GetAsync(Api.Client(story.Endpoint))).Json.GetProperty("subscriptions_cnt").GetInt32());

        (await Api.DeleteAsync(path + "/more%2F%23")).Expect(204);
        (await Api.DeleteAsync(path + "/more%2F%23")).ExpectError(404, "RESOURCE_NOT_FOUND");
        (await Api.DeleteAsync(path + "/dn/%23")).ExpectError(400, "BAD_REQUEST", "gateway's own");
        Assert.Equal(1, (await Api.GetAsync(path)).Expect(200).Json.GetArrayLength());
    }

    [Theory]
    [InlineData("{}", "topic")]
    [InlineData("""{"topic":"a/#/b"}""", "filter")]
    [InlineData("""{"topic":"a+"}""", "filter")]
    [InlineData("""{"topic":"a","qos":3}""", "qos")]
    [InlineData("""{"topic":"dn/#"}""", "anyway")]
    public async Task A_subscription_that_cannot_be_is_refused(string body, string part)
    {
        using var story = await Story.BeginRegisteredAsync(gateway);
        (await Api.PostAsync(Api.Client(story.Endpoint, "/subscriptions"), body)).ExpectError(400, "BAD_REQUEST", part);
    }

    [Fact]
    public async Task Paths_and_methods_that_do_not_exist_are_told_so()
    {
        (await Api.GetAsync("/api/v5/nothing")).ExpectError(404, "NOT_FOUND", "openapi.json");
        (await Api.GetAsync("/api/v4/gateways")).ExpectError(404, "NOT_FOUND");
        (await Api.DeleteAsync(Api.Lwm2m)).ExpectError(405, "METHOD_NOT_ALLOWED", "GET, PUT");
        (await Api.GetAsync(Api.Client("x", "/read"))).ExpectError(405, "METHOD_NOT_ALLOWED", "POST");
    }

    [Fact]
    public async Task Health_and_metrics_share_the_port()
    {
        Assert.Equal("ok\n", (await Api.GetAsync("/healthz")).Expect(200).Text);
        (await Api.GetAsync("/readyz")).Expect(200);
        Assert.Contains("lwm2m_dashboard_clients ", (await Api.GetAsync("/metrics")).Expect(200).Text, StringComparison.Ordinal);
    }
}
