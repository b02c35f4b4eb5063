namespace Pipeline.IntegrationTests.Gateways;

/// <summary>Standalone that follows its devices to other addresses, and gives out locations as EMQX does.</summary>
public sealed class RoamingFixture : StandaloneFixture
{
    private protected override string Configuration => Block("127.0.0.1:0", "[::1]:0", "127.0.0.1:0") + """

        ingress { roaming = true, legacy_location = true }
        """;
}
