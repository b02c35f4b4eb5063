using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>One device from its coming to its going: enough to see that brokers are spoken to.</summary>
public abstract class WholeStory(GatewayFixture gateway) : GatewayScenarios(gateway)
{
    [Fact]
    public async Task Device_registers_is_read_and_leaves()
    {
        using var story = await BeginRegisteredAsync();
        await story.HearNothingBeforeNextAnswerAsync();
        await story.Device.UpdateAsync();
        await story.HearAsync("up/update");
        await story.Device.DeregisterAsync();
        await story.HearAsync("up/lifecycle");
    }
}
