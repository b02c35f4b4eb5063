using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Conformance;

/// <summary>Standalone whose devices in queue mode fall asleep after a second.</summary>
public sealed class SleepyFixture : StandaloneFixture
{
    private protected override string Configuration => base.Configuration + "\ngateway.lwm2m.qmode_time_window = 1s\n";
}
