using System.Net;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>What all scenarios share: the gateway that they play on, and its log where one fails.</summary>
public abstract class GatewayScenarios : IAsyncDisposable
{
    private protected GatewayScenarios(GatewayFixture gateway)
    {
        Gateway = gateway;
        Assert.SkipUnless(gateway.Missing is null, gateway.Missing ?? "");
    }

    private protected GatewayFixture Gateway { get; }

    private protected Story Begin(IPEndPoint? door = null, string? endpoint = null) => Story.Begin(Gateway, door, endpoint);

    private protected Task<Story> BeginRegisteredAsync(string objects = BareDevice.Objects, IPEndPoint? door = null) =>
        Story.BeginRegisteredAsync(Gateway, objects, door);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            TestContext.Current.TestOutputHelper?.WriteLine(Gateway.Log);
        return ValueTask.CompletedTask;
    }
}
