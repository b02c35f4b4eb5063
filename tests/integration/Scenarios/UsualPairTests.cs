using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>What another configuration makes of the same stories.</summary>
public sealed class UsualPairTests(UsualPairFixture gateway) : GatewayScenarios(gateway), IClassFixture<UsualPairFixture>
{
    [Fact]
    public async Task User_name_stands_in_the_topic_and_slashes_are_the_configurations()
    {
        using var device = new BareDevice(Gateway.Coap);
        var imei = "imei-" + device.Endpoint;
        await device.RegisterAsync("</1/0>", 300, "1.0", "imei=" + imei, "device_id=id-" + device.Endpoint);
        await Gateway.Applications.ExpectAsync($"lwm2m/{imei}/up/resp",
            $$"""{"data":{"alternatePath":"/","device_id":"id-{{device.Endpoint}}","ep":"{{device.Endpoint}}","imei":"{{imei}}","lt":300,"lwm2m":"1.0","objectList":["/1/0"]},"msgType":"register"}""");
        await Gateway.Applications.SendAsync($"lwm2m/{imei}/dn/anything/below", """{"msgType":"read","data":{"path":"/3/0/0"}}""");
        await device.AnswerAsync(await device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.NotFound);
        await Gateway.Applications.ExpectAsync($"lwm2m/{imei}/up/resp", """{"data":{"code":"4.04","codeMsg":"not_found","reqPath":"/3/0/0"},"msgType":"read"}""");
    }

    [Fact]
    public async Task All_that_is_worth_it_is_observed()
    {
        using var device = new BareDevice(Gateway.Coap);
        await device.RegisterAsync("</1/0>,</2/0>,</3/0>,</5/0>,</31024/11>,</3304/0>");
        foreach (var said in new[] { "CON GET 6=0 11=3 11=0", "CON GET 6=0 11=3304 11=0" })
            await device.AnswerAsync(await device.ExpectRequestAsync(said), Datagram.NotFound);
        await device.ExpectSilenceAsync();
    }

    [Fact]
    public async Task Updates_without_object_list_are_not_told()
    {
        using var device = new BareDevice(Gateway.Coap);
        await device.RegisterAsync("</1/0>");
        await Gateway.Applications.ExpectAsync($"lwm2m/{device.Endpoint}/up/resp");
        await device.UpdateAsync(null, "lt=600");
        await device.UpdateAsync("</1/0>,</6/0>");
        await Gateway.Applications.ExpectAsync($"lwm2m/{device.Endpoint}/up/resp",
            $$"""{"data":{"alternatePath":"/","ep":"{{device.Endpoint}}","lt":600,"lwm2m":"1.0","objectList":["/1/0","/6/0"]},"msgType":"update"}""");
    }
}
