using System.Net;
using System.Net.Sockets;
using Contracts.Configuration;
using Ingress;
using Ingress.Security;
using Ingress.Service;
using Ingress.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Pipeline.Tests.Dtls;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>DTLS listeners on the loopback: whatever comes is sent back with the proof of its peer.</summary>
public sealed class DtlsListenerTests : IDisposable
{
    static readonly System.Diagnostics.Metrics.IMeterFactory Meters =
        new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();

    readonly string _file = Path.GetTempFileName();
    readonly FakeTimeProvider _time = new();
    readonly CredentialFile _credentials;
    readonly Listeners _listeners;
    readonly List<IDisposable> _devices = [];
    Peer _last;

    public DtlsListenerTests()
    {
        Write("""[{"endpoint": "dev-1", "psk": "01"}, {"endpoint": "dev-2", "psk": "02"}]""", 1);
        _credentials = new CredentialFile(() => _file, _time, NullLogger.Instance);
        _listeners = new Listeners(Options(), NullLogger.Instance, new DtlsNeeds(new Credentials(_credentials), new IngressTelemetry(Meters), _time, NullLogger.Instance, 100, 0));
        _listeners.Start(1, Echo);
    }

    public void Dispose()
    {
        _listeners.Dispose();
        _credentials.Dispose();
        _devices.ForEach(d => d.Dispose());
        File.Delete(_file);
    }

    [Fact]
    public async Task Device_is_heard_as_a_peer_with_a_proof()
    {
        Assert.Equal(["udp:plain", "dtls:secure"], _listeners.Names);
        var device = await ConnectedAsync("dev-1", 1);
        device.Say("hello");
        Assert.Equal("echo hello", device.Hear());
        Assert.Equal(1, _last.Listener);
        Assert.Equal("psk:dev-1", _listeners.Of(_last)!.Identity);
        Assert.Equal(_credentials.Current.FindPsk("dev-1")!.Proof, _last.Proof);
        Assert.Null(_listeners.Of(_last.With(0)));
        Assert.Equal((1, 0), (_listeners.Secure.Single().Sessions, _listeners.Secure.Single().Handshakes));
    }

    [Fact]
    public async Task What_is_meant_for_another_identity_does_not_leave()
    {
        var device = await ConnectedAsync("dev-1", 1);
        device.Say("hello");
        Assert.Equal("echo hello", device.Hear());
        _listeners.Send(_last.With(_credentials.Current.FindPsk("dev-2")!.Proof), "not for you"u8);
        _listeners.Send(_last.With(0), "nor this"u8);
        _listeners.Send(_last, "this"u8);
        Assert.Equal("this", device.Hear());
    }

    [Fact]
    public async Task Credential_that_is_taken_away_ends_its_session_with_the_next_message_and_no_other()
    {
        var first = await ConnectedAsync("dev-1", 1);
        var second = await ConnectedAsync("dev-2", 2);
        Write("""[{"endpoint": "dev-2", "psk": "02"}]""", 2);
        _time.Advance(TimeSpan.FromSeconds(1));
        second.Say("still here");
        Assert.Equal("echo still here", second.Hear());
        first.Say("and I?");
        Assert.Equal("", first.Hear());
        Assert.Equal(1, _listeners.Secure.Single().Sessions);
        await Assert.ThrowsAsync<Org.BouncyCastle.Tls.TlsFatalAlertReceived>(() => ConnectedAsync("dev-1", 1));
    }

    [Fact]
    public async Task Settings_change_and_sessions_stay()
    {
        var device = await ConnectedAsync("dev-1", 1);
        _listeners.Follow(Options(["PSK-AES128-GCM-SHA256"]));
        device.Say("hello");
        Assert.Equal("echo hello", device.Hear());
        await Assert.ThrowsAsync<Org.BouncyCastle.Tls.TlsFatalAlertReceived>(() => ConnectedAsync("dev-2", 2));
        _listeners.Follow(Options(["bogus"]));
        await ConnectedAsync("dev-2", 2);
    }

    [Fact]
    public async Task Listener_that_is_closed_says_farewell()
    {
        var device = await ConnectedAsync("dev-1", 1);
        _listeners.Follow(Options() with { Enable = false });
        Assert.Equal("", device.Hear());
        Assert.True(device.IsClosed);
    }

    void Echo(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        _last = peer;
        _listeners.Send(peer, [.. "echo "u8, .. datagram]);
    }

    async Task<DtlsClient> ConnectedAsync(string identity, byte key)
    {
        var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        _devices.Add(socket);
        socket.Connect(_listeners.Open.Single(l => l.Name == "dtls:secure").LocalEndPoint);
        var client = new DtlsClient(datagram => socket.Send(datagram), identity, [key]);
        _ = Task.Run(async () =>
        {
            while (true)
                client.Deliver((await socket.ReceiveAsync()).Buffer);
        });
        await client.ConnectAsync();
        return client;
    }

    static Lwm2mOptions Options(string[]? ciphers = null) => new()
    {
        Listeners = new ListenersOptions
        {
            Udp = new Dictionary<string, UdpListenerOptions> { ["plain"] = new() { Bind = BindAddress.Loopback(0) } },
            Dtls = new Dictionary<string, DtlsListenerOptions>
            {
                ["secure"] = new() { Bind = BindAddress.Loopback(0), DtlsOptions = new DtlsOptions { Ciphers = ciphers ?? [] } },
            },
        },
    };

    void Write(string json, int version)
    {
        File.WriteAllText(_file, json);
        File.SetLastWriteTimeUtc(_file, DateTime.UnixEpoch.AddDays(version));
    }
}
