using Pipeline.IntegrationTests.Gateways;

namespace Pipeline.IntegrationTests.Dashboard;

/// <summary>Standalone whose management API is asked.</summary>
public sealed class DashboardFixture : StandaloneFixture
{
    internal Api Api { get; private set; } = null!;

    private protected override string Configuration => """
        gateway.lwm2m {
          lifetime_min = 1s
          mountpoint = "lwm2m/${endpoint_name}/"
          translators {
            command { topic = "dn/#", qos = 1 }
            response { topic = "up/resp", qos = 0 }
            notify { topic = "up/notify", qos = 0 }
            register { topic = "up/register", qos = 0 }
            update { topic = "up/update", qos = 0 }
          }
          listeners.udp.default { bind = "127.0.0.1:0" }
          listeners.udp.named { bind = "127.0.0.1:0", mountpoint = "named/${username}/" }
        }
        """;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Api = new Api(Http);
        await Eventually.TrueAsync(
            async () => (await Api.GetAsync("/api/v5/gateways")).Text.Contains("running", StringComparison.Ordinal), TimeSpan.FromSeconds(20), () => Log);
    }

    public override async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        await base.DisposeAsync();
    }
}

/// <summary>The tests that share it.</summary>
[CollectionDefinition(Name)]
public sealed class OnDashboard : ICollectionFixture<DashboardFixture>
{
    public const string Name = "Dashboard";
}
