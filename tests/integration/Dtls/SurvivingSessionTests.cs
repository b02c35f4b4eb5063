using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Kafka;
using Pipeline.IntegrationTests.Ownership;

namespace Pipeline.IntegrationTests.Dtls;

/// <summary>A device that sleeps while its Ingress ends, in order or not, and wakes when another process has the slot.</summary>
public sealed class SurvivingSessionTests(KafkaFixture kafka) : IDisposable
{
    const string Key = "000102030405060708090a0b0c0d0e0f";
    const string Sealing = "k1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly string _credentials = Path.GetTempFileName();

    public void Dispose() => File.Delete(_credentials);

    [Fact]
    public async Task Device_goes_on_without_a_handshake_after_an_orderly_end_and_after_a_crash()
    {
        var servers = (await kafka.RequireAsync()).BootstrapServers;
        await File.WriteAllTextAsync(_credentials, $$"""[{"endpoint": "rover", "psk": "{{Key}}"}]""", TestContext.Current.CancellationToken);
        await using var ingress = new IngressReplica(0, servers, "survive", _credentials, Sealing);
        await ingress.StartAsync();
        using var device = new SecureDevice("rover", Convert.FromHexString(Key), offersId: true);
        using var words = new BareDevice(ingress.Coap, "rover");
        device.Carry(ingress.Secure);
        await device.ConnectAsync();
        words.Registered(device.Ask(words.RegisterRequest()));
        await WrittenAsync(ingress);

        Assert.Equal(0, await ingress.Process.StopAsync());
        await ingress.StartAsync();
        Assert.Equal((1, 0), await RestoredAsync(ingress));
        // The first word is heard, from wherever it comes.
        device.Carry(ingress.Secure);
        Assert.Equal("ACK 2.04", device.Ask(words.UpdateRequest()).Said);

        await ingress.Process.KillAsync();
        await ingress.StartAsync();
        Assert.Equal((1, 0), await RestoredAsync(ingress));
        // What the first process had reserved, at most 16 numbers, nobody hears.
        for (var i = 0; i < 16; i++)
            device.Say(words.UpdateRequest());
        Assert.Equal("ACK 2.04", device.AskLast(words.UpdateRequest()).Said);
        Assert.Equal(0, await ingress.MetricAsync("lwm2m_ingress_dtls_handshakes_total"));
        Assert.Equal("ACK 2.02", device.AskLast(words.DeregisterRequest()).Said);
        Assert.True(await ingress.MetricAsync("lwm2m_ingress_dtls_dropped_total", "reason=\"discarded\"") > 0);
        Assert.Contains("1 DTLS sessions of the process before go on, 0 do not", ingress.Process.Log, StringComparison.Ordinal);
    }

    static Task WrittenAsync(IngressReplica ingress) =>
        Eventually.TrueAsync(async () => await ingress.MetricAsync("lwm2m_ingress_dtls_sessions_written") == 1, Patience, () => ingress.Process.Log);

    static async Task<(double Restored, double Not)> RestoredAsync(IngressReplica ingress) =>
        (await ingress.MetricAsync("lwm2m_ingress_dtls_restored_total"), await ingress.MetricAsync("lwm2m_ingress_dtls_not_restored_total"));
}
