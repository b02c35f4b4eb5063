using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Scenarios;

public sealed class StandaloneOnBrokersTests(StandaloneOnBrokersFixture gateway) : WholeStory(gateway),
    IClassFixture<StandaloneOnBrokersFixture>;
