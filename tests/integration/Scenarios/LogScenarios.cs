using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>What a data platform finds on the public topics, with nothing but a Kafka client.</summary>
public abstract class LogScenarios(GatewayFixture gateway) : GatewayScenarios(gateway)
{
    [Fact]
    public async Task Events_are_cloud_events()
    {
        using var story = await BeginRegisteredAsync();
        await story.CommandAsync("""{"msgType":"read","data":{"path":"/3/0/0"}}""", "CON GET 11=3 11=0 11=0", Datagram.NotFound, []);
        var response = await story.HearAsync("up/resp");
        await story.Device.DeregisterAsync();

        var events = Gateway.Read(Gateway.Topics.Events, story.Endpoint, 3);
        Assert.Equal(["lwm2m.register", "lwm2m.response", "lwm2m.deregister"], events.Select(e => e.Header("ce_type")));
        var topics = new[] { "up/register", "up/resp", "up/lifecycle" }.Select(topic => $"lwm2m/{story.Endpoint}/{topic}");
        Assert.Equal(topics, events.Select(e => e.Header("mqtt_topic")));
        Assert.Equal(response, Encoding.UTF8.GetString(events[1].Message.Value));
        Assert.All(events, e =>
        {
            Assert.Equal(("1.0", "application/json"), (e.Header("ce_specversion"), e.Header("content-type")));
            Assert.NotEmpty(e.Header("ce_source")!);
            Assert.True(e.Message.Headers.Count <= 6);
        });
        Assert.Equal(3, events.Select(e => e.Header("ce_id")).Distinct().Count());
    }

    [Fact]
    public async Task Registrations_tell_who_is_there()
    {
        using var story = Begin();
        await story.Device.RegisterAsync("""</lwm2m>;rt="oma.lwm2m",</lwm2m/3/0>,</lwm2m/3304>;ver=1.1""", 300, "1.1", "b=U", "Q");
        var json = JsonDocument.Parse(Gateway.Read(Gateway.Topics.Registrations, story.Endpoint, 1)[0].Message.Value).RootElement;
        Assert.Equal(
            (story.Endpoint, story.Device.RegistrationId, "live", 300, "1.1", "/lwm2m"),
            (Text(json, "endpoint"), Text(json, "registration_id"), Text(json, "state"), json.GetProperty("lifetime").GetInt32(),
                Text(json, "lwm2m_version"), Text(json, "alternate_path")));
        Assert.Equal(story.Device.Local.ToString(), Text(json, "peer"));
        Assert.Equal("""["/3/0","/3304"]""", json.GetProperty("objects").GetRawText());
        Assert.Equal("""{"3304":"1.1"}""", json.GetProperty("versions").GetRawText());
        Assert.True(json.GetProperty("queue_mode").GetBoolean());
        Assert.Equal(story.Endpoint, Text(json.GetProperty("client"), "username"));

        await story.Device.DeregisterAsync();
        var gone = JsonDocument.Parse(Gateway.Read(Gateway.Topics.Registrations, story.Endpoint, 2)[1].Message.Value).RootElement;
        Assert.Equal("gone", Text(gone, "state"));
        Assert.True(gone.GetProperty("number").GetUInt64() > json.GetProperty("number").GetUInt64());
    }

    [Fact]
    public async Task Secrets_of_a_register_stay_out_of_the_log()
    {
        using var story = Begin();
        await story.Device.RegisterAsync(BareDevice.Objects, 300, "1.0", "password=hush-hush", "token=hush-hush", "x=seen");
        await story.HearAsync("up/register");
        foreach (var topic in new[] { Gateway.Topics.Uplink, Gateway.Topics.Sessions, Gateway.Topics.Registrations, Gateway.Topics.Events })
            Assert.DoesNotContain("hush-hush", FirstOn(topic), StringComparison.Ordinal);
        Assert.Contains("seen", FirstOn(Gateway.Topics.Events), StringComparison.Ordinal);

        string FirstOn(string topic) => Encoding.Latin1.GetString(Gateway.Read(topic, story.Endpoint, 1)[0].Message.Value);
    }

    static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
