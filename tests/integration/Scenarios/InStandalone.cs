using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

/// <summary>The scenarios in one process.</summary>
[CollectionDefinition(Name)]
public sealed class InStandalone : ICollectionFixture<StandaloneFixture>
{
    public const string Name = "Standalone";
}

[Collection(InStandalone.Name)]
public sealed class StandaloneRegistrationTests(StandaloneFixture gateway) : RegistrationScenarios(gateway);

[Collection(InStandalone.Name)]
public sealed class StandaloneCommandTests(StandaloneFixture gateway) : CommandScenarios(gateway);

[Collection(InStandalone.Name)]
public sealed class StandaloneObservationTests(StandaloneFixture gateway) : ObservationScenarios(gateway);

[Collection(InStandalone.Name)]
public sealed class StandaloneBadInputTests(StandaloneFixture gateway) : BadInputScenarios(gateway);

[Collection(InStandalone.Name)]
public sealed class StandaloneLogTests(StandaloneFixture gateway) : LogScenarios(gateway);

[Collection(InStandalone.Name)]
public sealed class StandaloneBlockwiseTests(StandaloneFixture gateway) : BlockwiseScenarios(gateway);

[Collection(InStandalone.Name)]
public sealed class StandaloneConfigTests(StandaloneFixture gateway) : ConfigScenarios(gateway);

[Collection(InStandalone.Name)]
public sealed class StandaloneReplayTests(StandaloneFixture gateway) : ReplayScenarios(gateway);
