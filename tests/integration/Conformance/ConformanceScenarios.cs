using System.Text;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Scenarios;

namespace Pipeline.IntegrationTests.Conformance;

/// <summary>What the server does in the interoperability tests of LwM2M 1.1; docs/conformance.md says which method shows which of them.</summary>
public abstract class ConformanceScenarios(GatewayFixture gateway) : GatewayScenarios(gateway)
{
    private protected const uint SenmlJson = 110;

    /// <summary>A device of that version has registered, and announces those content formats.</summary>
    private protected async Task<Story> BeginAsync(string version = "1.1", string formats = "110", string objects = BareDevice.Objects)
    {
        var story = Begin();
        await story.Device.RegisterAsync($"</>;rt=\"oma.lwm2m\";ct=\"{formats}\",{objects}", 300, version);
        await story.HearAsync("up/register");
        return story;
    }

    /// <summary>One command, what the device hears of it and answers, and what the application hears in the end.</summary>
    /// <param name="payload">Text.</param>
    /// <param name="outcome">Data of the outcome.</param>
    private protected static Task TellAsync(
        Story story, string msgType, string data, string said, byte code, string payload, string outcome, uint? format = SenmlJson) =>
        TellAsync(story, msgType, data, said, code, Encoding.UTF8.GetBytes(payload), outcome, payload.Length > 0 ? format : null);

    private protected static async Task TellAsync(
        Story story, string msgType, string data, string said, byte code, byte[] payload, string outcome, uint? format)
    {
        await story.CommandAsync($$"""{"msgType":"{{msgType}}","data":{{data}}}""", said, code, payload, format);
        await story.HearAsync("up/resp", $$$"""{"data":{{{outcome}}},"msgType":"{{{msgType}}}"}""");
    }

    /// <summary>The device tells something of its own accord, and the application hears it.</summary>
    private protected static async Task NotifyAsync(Story story, byte[] token, string payload, uint observe, string json)
    {
        var notification = story.Device.Notification(token, Encoding.UTF8.GetBytes(payload), SenmlJson, observe);
        await story.Device.SendAsync(notification);
        await story.Device.ExpectAcknowledgementAsync(notification);
        await story.HearAsync("up/notify", json);
    }

    private protected static string Content(string items, string path) => $$"""{"code":"2.05","codeMsg":"content","content":[{{items}}],"reqPath":"{{path}}"}""";

    private protected static string Composite(string items, string paths) => $$"""{"code":"2.05","codeMsg":"content","content":[{{items}}],"reqPaths":[{{paths}}]}""";

    private protected static string Changed(string path) => $$"""{"code":"2.04","codeMsg":"changed","reqPath":"{{path}}"}""";

    /// <summary>As <see cref="Datagram.Said"/> shows a payload.</summary>
    private protected static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));
}
