using System.Text.Json;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Scenarios;

namespace Pipeline.IntegrationTests.Emqx;

/// <summary>
/// What an MQTT application and a device could observe of EMQX's gateway, and observe of this one: a test for each row of the tables. Where right
/// differs from compatible the row says so, and docs/emqx-migration.md why. Rows that the scenarios hold already are not repeated.
/// </summary>
[Collection(InEmqx.Name)]
public abstract class EmqxStories(EmqxFixture gateway) : GatewayScenarios(gateway)
{
    /// <summary>A device that has registered, and whose event has been read.</summary>
    private protected async Task<Story> BeginAsync(string objects = BareDevice.Objects, params string[] queries)
    {
        var story = Begin();
        await story.Device.RegisterAsync(objects, 300, "1.0", queries);
        await story.HearAsync("up/resp");
        return story;
    }

    /// <summary>The data of the event that comes next.</summary>
    private protected static async Task<JsonElement> HearDataAsync(Story story, string msgType, string topic = "up/resp")
    {
        var json = JsonDocument.Parse(await story.HearAsync(topic)).RootElement;
        Assert.Equal(msgType, json.GetProperty("msgType").GetString());
        return json.GetProperty("data");
    }
}

/// <summary>The stories share one gateway.</summary>
[CollectionDefinition(Name)]
public sealed class InEmqx : ICollectionFixture<EmqxFixture>
{
    public const string Name = "EMQX";
}
