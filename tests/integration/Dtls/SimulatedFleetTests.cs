using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http;
using Pipeline.IntegrationTests.Gateways;
using Protocol.Coap;
using Tools.Simulation;
using Tools.Simulation.Scenarios;

namespace Pipeline.IntegrationTests.Dtls;

/// <summary>Fleets of the simulator that speak DTLS, behind NATs that forget them.</summary>
public sealed class SimulatedFleetTests(SimulatedFleetTests.Fixture gateway) : IClassFixture<SimulatedFleetTests.Fixture>
{
    const string MasterKey = "000102030405060708090a0b0c0d0e0f";
    const int Movers = 20;
    const int Stayers = 5;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static readonly Scenario Moving = Of("mover", Movers, connectionId: true, TimeSpan.FromSeconds(2));
    static readonly Scenario Forgotten = Of("stayer", Stayers, connectionId: false, TimeSpan.FromSeconds(3));

    [Fact]
    public async Task Fleet_with_ids_moves_in_the_middle_of_its_observations_with_one_handshake_each_and_nothing_lost()
    {
        var before = await gateway.MovesAsync();
        var notified = new ConcurrentDictionary<string, int>();
        await using var fleet = Start(ScenarioPlans.Of(Moving), notified);
        // Each has moved three times and more, and has gone on reporting.
        await Eventually.TrueAsync(() => notified.Count == Movers && notified.Values.All(count => count >= 20), Patience, () => fleet.Totals + gateway.Log);
        for (var moves = before; moves < before + (3 * Movers); moves = await gateway.MovesAsync())
            await Task.Delay(50, TestContext.Current.CancellationToken);
        await fleet.StopAsync(Patience);

        Assert.Equal((Movers, 0L, Movers), (fleet.Totals.Sessions, fleet.Totals.HandshakesFailed, fleet.Totals.Registrations));
        Assert.Equal((0, 0L), (fleet.Totals.Registered, fleet.Totals.TimedOut));
        await ExpectAllAsync(notified);
    }

    [Fact]
    public async Task Fleet_without_ids_is_cut_off_by_its_NAT_and_comes_back_with_handshakes()
    {
        var notified = new ConcurrentDictionary<string, int>();
        var impatient = new TransmissionParameters { AckTimeout = 200, MaxRetransmit = 1 };
        var plans = ScenarioPlans.Of(Forgotten).Select(plan => plan with { Settings = plan.Settings with { Transmission = impatient } });
        await using var fleet = Start([.. plans], notified);
        await Eventually.TrueAsync(() => fleet.Totals.Sessions >= 3 * Stayers && notified.Count == Stayers, Patience, () => fleet.Totals + gateway.Log);
        await fleet.StopAsync(Patience);

        Assert.True(fleet.Totals.TimedOut >= Stayers, fleet.Totals.ToString());
        Assert.True(fleet.Totals.Registrations >= 2 * Stayers, fleet.Totals.ToString());
        await ExpectAllAsync(notified);
    }

    static Scenario Of(string name, int count, bool connectionId, TimeSpan rebindEvery) => new()
    {
        RegisterRate = 1000,
        Groups = new Dictionary<string, DeviceGroup>
        {
            [name] = new()
            {
                Count = count,
                Interval = TimeSpan.FromMilliseconds(100),
                Signals = new Dictionary<string, SignalOptions> { ["/3303/0/5700"] = new() { Kind = SignalKind.Walk, Mean = 20, Noise = 1 } },
                Dtls = new DtlsOptions { MasterKey = MasterKey, ConnectionId = connectionId },
                Network = new NetworkOptions { RebindEvery = rebindEvery },
            },
        },
    };

    SimulatedFleet Start(DevicePlan[] plans, ConcurrentDictionary<string, int> notified) =>
        SimulatedFleet.Start(gateway.Coap, gateway.Secure, plans, happening =>
        {
            if (happening.Kind == DeviceEventKind.Notified)
                notified.AddOrUpdate(happening.Endpoint, 1, (_, count) => count + 1);
        });

    // What was acknowledged to a device has come to the applications.
    async Task ExpectAllAsync(ConcurrentDictionary<string, int> notified)
    {
        foreach (var (endpoint, count) in notified)
        {
            for (var i = 0; i < count; i++)
                await gateway.Applications.ExpectAsync($"lwm2m/{endpoint}/up/notify");
        }
    }

    /// <summary>Standalone that knows the devices as <c>lwm2m simulate --credentials</c> says them.</summary>
    public sealed class Fixture : StandaloneFixture
    {
        readonly string _credentials = Path.GetTempFileName();

        internal System.Net.IPEndPoint Secure => Door("dtls:default");

        private protected override string Configuration => $$"""
            gateway.lwm2m {
              mountpoint = "lwm2m/${endpoint_name}/"
              auto_observe = ["/3303/0"]
              translators {
                command { topic = "dn/#" }
                response { topic = "up/resp" }
                notify { topic = "up/notify" }
                register { topic = "up/register" }
                update { topic = "up/update" }
              }
              listeners.udp.default { bind = "127.0.0.1:0" }
              listeners.dtls.default { bind = "127.0.0.1:0" }
            }
            credentials.file = "{{_credentials}}"
            """;

        public override async ValueTask InitializeAsync()
        {
            await File.WriteAllTextAsync(_credentials, GatewayCredentials.Write([.. ScenarioPlans.Of(Moving), .. ScenarioPlans.Of(Forgotten)]));
            await base.InitializeAsync();
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            File.Delete(_credentials);
        }

        internal async Task<double> MovesAsync()
        {
            using var client = new HttpClient { BaseAddress = Http };
            var text = await client.GetStringAsync(new Uri("metrics", UriKind.Relative), TestContext.Current.CancellationToken);
            return text.Split('\n').Where(line => line.StartsWith("lwm2m_ingress_dtls_moves", StringComparison.Ordinal))
                .Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
        }
    }
}
