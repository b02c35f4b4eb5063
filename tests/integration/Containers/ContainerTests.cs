using Pipeline.IntegrationTests.Scenarios;

namespace Pipeline.IntegrationTests.Containers;

public sealed class KafkaContainerTests(KafkaContainerFixture gateway) : WholeStory(gateway), IClassFixture<KafkaContainerFixture>;

public sealed class MosquittoContainerTests(MosquittoContainerFixture gateway) : WholeStory(gateway),
    IClassFixture<MosquittoContainerFixture>;
