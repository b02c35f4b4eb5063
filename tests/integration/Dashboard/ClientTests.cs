using System.Text.Json;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Dashboard;

/// <summary>Clients are listed, shown, and ended.</summary>
[Collection(OnDashboard.Name)]
public sealed class ClientTests(DashboardFixture gateway)
{
    static readonly string[] EmqxFields =
    [
        "endpoint_name", "lifetime", "node", "clientid", "username", "mountpoint", "proto_name", "proto_ver", "ip_address", "port", "is_bridge", "connected_at",
        "disconnected_at", "connected", "keepalive", "clean_start", "expiry_interval", "created_at", "subscriptions_cnt", "subscriptions_max", "inflight_cnt",
        "inflight_max", "mqueue_len", "mqueue_max", "mqueue_dropped", "awaiting_rel_cnt", "awaiting_rel_max", "recv_oct", "recv_cnt", "recv_pkt", "recv_msg",
        "send_oct", "send_cnt", "send_pkt", "send_msg", "mailbox_len", "heap_size", "reductions",
    ];

    Api Api => gateway.Api;

    [Fact]
    public async Task A_client_is_shown_with_all_that_emqx_shows()
    {
        using var story = await Story.BeginRegisteredAsync(gateway);
        var client = (await ShownAsync(story.Endpoint)).Json;

        Assert.Empty(EmqxFields.Except(client.EnumerateObject().Select(p => p.Name)));
        Assert.Equal(story.Endpoint, client.GetProperty("endpoint_name").GetString());
        Assert.Equal($"lwm2m/{story.Endpoint}/", client.GetProperty("mountpoint").GetString());
        Assert.Equal("LwM2M", client.GetProperty("proto_name").GetString());
        Assert.Equal("1.0", client.GetProperty("proto_ver").GetString());
        Assert.Equal("127.0.0.1", client.GetProperty("ip_address").GetString());
        Assert.Equal(story.Device.Local.Port, client.GetProperty("port").GetInt32());
        Assert.Equal(300, client.GetProperty("lifetime").GetInt32());
        Assert.Equal("infinity", client.GetProperty("mqueue_max").GetString());
        Assert.Equal(JsonValueKind.Null, client.GetProperty("disconnected_at").ValueKind);
        Assert.True(client.GetProperty("created_at").GetDateTimeOffset() > DateTimeOffset.UtcNow.AddMinutes(-5));
        Assert.Equal("ingress/0", client.GetProperty("node").GetString());
    }

    [Theory]
    [InlineData("urn:imei:490154203237518")]
    [InlineData("a b%2Fc?d&e=f")]
    [InlineData("gerät")]
    public async Task A_client_id_may_hold_any_character(string endpoint)
    {
        using var device = new BareDevice(gateway.Coap, endpoint);
        await device.RegisterAsync();
        await Eventually.TrueAsync(async () => (await Api.GetAsync(Api.Client(endpoint))).Status == 200, TimeSpan.FromSeconds(5), () => endpoint);
        Assert.Equal(endpoint, (await Api.GetAsync(Api.Client(endpoint))).Json.GetProperty("clientid").GetString());
        (await Api.GetAsync(Api.Client(endpoint, "/lookup?path=/3&action=read"))).Expect(200);
        (await Api.DeleteAsync(Api.Client(endpoint))).Expect(204);
    }

    [Fact]
    public async Task Clients_come_in_pages_in_the_order_of_their_ids()
    {
        var prefix = BareDevice.NewName() + "-page-";
        foreach (var number in new[] { 3, 1, 5, 2, 4 })
        {
            using var device = new BareDevice(gateway.Coap, prefix + number);
            await device.RegisterAsync();
        }

        var all = await ListAsync($"like_clientid={prefix}", 5);
        Assert.Equal(["1", "2", "3", "4", "5"], IdsOf(all).Select(id => id[prefix.Length..]));
        Assert.Equal("""{"page":1,"limit":100,"count":5,"hasnext":false}""", all.GetProperty("meta").GetRawText());

        var second = await ListAsync($"like_clientid={prefix}&page=2&limit=2", 5);
        Assert.Equal(["3", "4"], IdsOf(second).Select(id => id[prefix.Length..]));
        Assert.Equal("""{"page":2,"limit":2,"count":5,"hasnext":true}""", second.GetProperty("meta").GetRawText());

        Assert.Empty(IdsOf(await ListAsync($"like_clientid={prefix}&page=4&limit=2", 5)));
    }

    [Fact]
    public async Task Every_filter_lets_through_what_it_says()
    {
        var name = BareDevice.NewName() + "-filtered";
        using var device = new BareDevice(gateway.Coap, name);
        await device.RegisterAsync(lifetime: 777, version: "1.1", queries: ["imei=" + name + "-user", "device_id=" + name + "-id"]);
        var client = (await ShownAsync(name + "-id")).Json;
        var created = client.GetProperty("created_at").GetDateTimeOffset();
        var at = Uri.EscapeDataString(created.ToString("O"));
        var before = created.AddSeconds(-1).ToUnixTimeMilliseconds();

        (string Yes, string No)[] filters =
        [
            ($"clientid={name}-id", $"clientid={name}"), ("like_clientid=filtered-i", "like_clientid=filtered-x"),
            ($"username={name}-user", $"username={name}"), ("like_username=filtered-u", "like_username=filtered-x"),
            ($"endpoint_name={name}", $"endpoint_name={name}-id"), ("like_endpoint_name=filtered", "like_endpoint_name=filtered-i"),
            ("ip_address=127.0.0.1", "ip_address=127.0.0.2"), ("conn_state=connected", "conn_state=disconnected"), ("proto_ver=1.1", "proto_ver=1.0"),
            ("clean_start=true", "clean_start=false"), ("node=ingress/0", "node=ingress/1"), ("gte_lifetime=777", "gte_lifetime=778"),
            ("lte_lifetime=777", "lte_lifetime=776"), ($"gte_created_at={at}", $"lte_created_at={before}"), ($"lte_connected_at={at}", $"lte_connected_at={before}"),
            ($"gte_connected_at={before}", "gte_connected_at=2099-01-01T00:00:00Z"),
        ];
        foreach (var (yes, no) in filters)
        {
            Assert.Contains(name + "-id", IdsOf((await Api.GetAsync($"{Api.Lwm2m}/clients?limit=10000&{yes}")).Expect(200).Json));
            Assert.DoesNotContain(name + "-id", IdsOf((await Api.GetAsync($"{Api.Lwm2m}/clients?limit=10000&{no}")).Expect(200).Json));
        }
    }

    [Theory]
    [InlineData("page=0", "page")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=10001", "10000")]
    [InlineData("limit=x", "limit")]
    [InlineData("ip_address=here", "ip_address")]
    [InlineData("conn_state=asleep", "connected, idle, disconnected")]
    [InlineData("gte_created_at=yesterday", "2026-01-31T12:00:00Z")]
    [InlineData("clean_start=maybe", "clean_start")]
    [InlineData("gte_lifetime=-1", "gte_lifetime")]
    [InlineData("clientid=a&clientid=b", "more than once")]
    public async Task A_wrong_filter_is_named(string query, string part) =>
        (await Api.GetAsync($"{Api.Lwm2m}/clients?{query}")).ExpectError(400, "BAD_REQUEST", part);

    [Fact]
    public async Task A_kicked_client_is_gone_when_the_answer_comes_and_may_come_back()
    {
        using var story = await Story.BeginRegisteredAsync(gateway);
        await ShownAsync(story.Endpoint);

        (await Api.DeleteAsync(Api.Client(story.Endpoint))).Expect(204);
        (await Api.GetAsync(Api.Client(story.Endpoint))).ExpectError(404, "RESOURCE_NOT_FOUND", "Client not found");
        Assert.Contains("\"kicked\"", await story.HearAsync("up/lifecycle"), StringComparison.Ordinal);
        await story.Device.ExpectSilenceAsync(100);

        await story.Device.RegisterAsync();
        await ShownAsync(story.Endpoint);
    }

    [Fact]
    public async Task A_client_that_nobody_knows_is_not_found()
    {
        (await Api.GetAsync(Api.Client("nobody"))).ExpectError(404, "RESOURCE_NOT_FOUND", "Client not found");
        (await Api.DeleteAsync(Api.Client("nobody"))).ExpectError(404, "RESOURCE_NOT_FOUND", "Client not found");
        foreach (var rest in new[] { "/objects", "/observations", "/queue", "/subscriptions", "/events" })
            (await Api.GetAsync(Api.Client("nobody", rest))).ExpectError(404, "RESOURCE_NOT_FOUND");
    }

    [Fact]
    public async Task Objects_have_names_and_versions()
    {
        using var story = await Story.BeginRegisteredAsync(gateway, "</1/0>,</3/0>;ver=1.1,</9999>,</3304/2>");
        await ShownAsync(story.Endpoint);
        Assert.Equal(
            """[{"path":"/1/0","object":1,"instance":0,"name":"LwM2M Server"},{"path":"/3/0","object":3,"instance":0,"version":"1.1","name":"Device"},{"path":"/9999","object":9999},{"path":"/3304/2","object":3304,"instance":2,"name":"Humidity"}]""",
            (await Api.GetAsync(Api.Client(story.Endpoint, "/objects"))).Expect(200).Text);
    }

    async Task<Answer> ShownAsync(string clientId)
    {
        await Eventually.TrueAsync(async () => (await Api.GetAsync(Api.Client(clientId))).Status == 200, TimeSpan.FromSeconds(10), () => clientId);
        return await Api.GetAsync(Api.Client(clientId));
    }

    async Task<JsonElement> ListAsync(string query, int count)
    {
        var list = default(JsonElement);
        await Eventually.TrueAsync(
            async () =>
            {
                list = (await Api.GetAsync($"{Api.Lwm2m}/clients?{query}")).Expect(200).Json;
                return list.GetProperty("meta").GetProperty("count").GetInt32() == count;
            },
            TimeSpan.FromSeconds(10), () => $"{list}");
        return list;
    }

    static List<string> IdsOf(JsonElement list) => [.. list.GetProperty("data").EnumerateArray().Select(c => c.GetProperty("clientid").GetString()!)];
}
