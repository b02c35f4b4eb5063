using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>The scenarios on three processes, a real Kafka and a real mosquitto.</summary>
[CollectionDefinition(Name)]
public sealed class InThreeProcesses : ICollectionFixture<ThreeProcessFixture>
{
    public const string Name = "Three processes";
}

[Collection(InThreeProcesses.Name)]
public sealed class ThreeProcessRegistrationTests(ThreeProcessFixture gateway) : RegistrationScenarios(gateway);

[Collection(InThreeProcesses.Name)]
public sealed class ThreeProcessCommandTests(ThreeProcessFixture gateway) : CommandScenarios(gateway);

[Collection(InThreeProcesses.Name)]
public sealed class ThreeProcessObservationTests(ThreeProcessFixture gateway) : ObservationScenarios(gateway);

[Collection(InThreeProcesses.Name)]
public sealed class ThreeProcessBadInputTests(ThreeProcessFixture gateway) : BadInputScenarios(gateway);

[Collection(InThreeProcesses.Name)]
public sealed class ThreeProcessLogTests(ThreeProcessFixture gateway) : LogScenarios(gateway);

[Collection(InThreeProcesses.Name)]
public sealed class ThreeProcessBlockwiseTests(ThreeProcessFixture gateway) : BlockwiseScenarios(gateway);

[Collection(InThreeProcesses.Name)]
public sealed class ThreeProcessConfigTests(ThreeProcessFixture gateway) : ConfigScenarios(gateway);

[Collection(InThreeProcesses.Name)]
public sealed class ThreeProcessReplayTests(ThreeProcessFixture gateway) : ReplayScenarios(gateway)
{
    // The embedded broker makes topics for nobody but its owner.
    [Fact]
    public Task Replay_into_sandbox_topics_leaves_the_events_alone() => ReplayIntoSandboxAsync();
}
