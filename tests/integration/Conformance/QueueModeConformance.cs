using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Conformance;

/// <summary>Devices that sleep.</summary>
public sealed class QueueModeConformance(SleepyFixture gateway) : ConformanceScenarios(gateway), IClassFixture<SleepyFixture>
{
    [Fact]
    public async Task Device_in_queue_mode_is_asked_while_it_is_awake_and_after_that_when_it_is_heard()
    {
        using var story = Begin();
        var device = story.Device;
        await device.RegisterAsync(BareDevice.Objects, 300, "1.1", "b=U", "Q");
        await story.HearAsync("up/register");
        // Whatever is due to an awake device comes at once; it sleeps when nothing was heard of it for the window.
        await device.ExpectSilenceAsync(1500);
        await story.CommandAsync("""{"reqID":1,"msgType":"read","data":{"path":"/3/0/0"}}""");
        await story.CommandAsync("""{"reqID":2,"msgType":"read","data":{"path":"/3/0/1"}}""");
        await device.ExpectSilenceAsync(500);

        await device.UpdateAsync();
        await device.AnswerAsync(await device.ExpectRequestAsync("CON GET 11=3 11=0 11=0"), Datagram.Content, "EMQ", 0);
        await device.AnswerAsync(await device.ExpectRequestAsync("CON GET 11=3 11=0 11=1"), Datagram.Content, "one", 0);
        await story.HearAsync("up/resp", """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/0","value":"EMQ"}],"reqPath":"/3/0/0"},"msgType":"read","reqID":1}""");
        await story.HearAsync("up/resp", """{"data":{"code":"2.05","codeMsg":"content","content":[{"path":"/3/0/1","value":"one"}],"reqPath":"/3/0/1"},"msgType":"read","reqID":2}""");
    }
}
