using System.Text;
using Org.BouncyCastle.Tls;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Pipeline.Tests.Ingress;

namespace Pipeline.IntegrationTests.Dtls;

/// <summary>Devices whose keys stand nowhere but with an HTTP server.</summary>
public sealed class LookedUpDeviceTests : IAsyncDisposable
{
    static readonly byte[] Key = Encoding.UTF8.GetBytes("open sesame 1234");

    AskedServer _keys = null!;
    Gateway _gateway = null!;

    [Fact]
    public async Task Device_comes_in_while_the_server_knows_it_and_goes_on_while_the_server_is_away()
    {
        await StartAsync();
        using var device = Device("meter-1");
        using var words = new BareDevice(_gateway.Coap, "urn:meter-1");
        await device.ConnectAsync();
        words.Registered(device.Ask(words.RegisterRequest()));
        await _gateway.Applications.ExpectAsync("lwm2m/urn:meter-1/up/register");
        // It may speak for nobody else.
        using var other = new BareDevice(_gateway.Coap, "urn:meter-2");
        Assert.StartsWith("ACK 4.03", device.Ask(other.RegisterRequest()).Said, StringComparison.Ordinal);

        // Nobody has this identity: it is told so, and no secret passes.
        using var stranger = Device("thief");
        Assert.Equal(AlertDescription.unknown_psk_identity, (await Assert.ThrowsAsync<TlsFatalAlertReceived>(stranger.ConnectAsync)).AlertDescription);
        using var wrong = new SecureDevice("meter-1", [1, 2, 3], offersId: true);
        wrong.Carry(_gateway.Door("dtls:default"));
        Assert.IsType<TlsFatalAlertReceived>(await Record.ExceptionAsync(wrong.ConnectAsync));

        _keys.Answer = _ => (503, "", "");
        using var again = Device("meter-1");
        await again.ConnectAsync();
        words.Registered(again.Ask(words.RegisterRequest()));
        // Of this one nothing was ever said. It is not turned away for good.
        using var newcomer = Device("meter-3");
        Assert.Equal(AlertDescription.internal_error, (await Assert.ThrowsAsync<TlsFatalAlertReceived>(newcomer.ConnectAsync)).AlertDescription);
        _keys.Answer = Known;
        using var later = Device("meter-3");
        await later.ConnectAsync();
        Assert.DoesNotContain("6f70656e", _gateway.Log, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Device_that_is_taken_out_on_the_server_is_out()
    {
        await StartAsync("ttl = 1s");
        using var device = Device("meter-1");
        using var words = new BareDevice(_gateway.Coap, "urn:meter-1");
        await device.ConnectAsync();
        words.Registered(device.Ask(words.RegisterRequest()));
        _keys.Answer = _ => (404, "", "");
        // Each message may be the one that has the server asked.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!device.IsEndedBy(words.UpdateRequest()))
            await Task.Delay(50, patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        if (_keys is not null)
            await _keys.DisposeAsync();
    }

    async Task StartAsync(string more = "")
    {
        _keys = await AskedServer.StartAsync();
        _keys.Answer = Known;
        _gateway = new Gateway($$"""credentials.http { url = "{{_keys.Url}}/keys/${identity}", {{more}} }""");
        await _gateway.InitializeAsync();
    }

    SecureDevice Device(string identity)
    {
        var device = new SecureDevice(identity, Key, offersId: true);
        device.Carry(_gateway.Door("dtls:default"));
        return device;
    }

    static (int Status, string Type, string Body) Known(AskedServer.Request request) => request.Target.StartsWith("/keys/meter-", StringComparison.Ordinal)
        ? (200, "application/json", $$"""{"endpoint": "urn:${identity}", "psk": "{{Convert.ToHexString(Key)}}"}""")
        : (404, "", "");

    sealed class Gateway(string credentials) : StandaloneFixture
    {
        private protected override string Configuration => $$"""
            gateway.lwm2m {
              mountpoint = "lwm2m/${endpoint_name}/"
              translators.register { topic = "up/register" }
              listeners.udp.default { bind = "127.0.0.1:0" }
              listeners.dtls.default { bind = "127.0.0.1:0" }
            }
            {{credentials}}
            """;
    }
}
