using System.Net;
using System.Net.Sockets;
using Contracts.Configuration;
using Ingress.Service;
using Ingress.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Pipeline.Tests.Ingress;

/// <summary>Sockets that follow the configuration, on the loopback. Whatever comes is sent back with the index of its listener.</summary>
public sealed class ListenersTests : IDisposable
{
    readonly Listeners _listeners = new(Options(("a", 0), ("b", 0)), NullLogger.Instance);

    public ListenersTests() => _listeners.Start(1, Echo);

    public void Dispose() => _listeners.Dispose();

    [Fact]
    public async Task Each_listener_answers_by_its_own_socket()
    {
        Assert.Equal(["udp:a", "udp:b"], _listeners.Names);
        Assert.Equal((0, 1), (await AskAsync("udp:a"), await AskAsync("udp:b")));
        Assert.Equal((1, -1), (_listeners.IndexOf("udp:b"), _listeners.IndexOf("udp:c")));
    }

    [Fact]
    public async Task Listeners_come_and_go_and_keep_their_index()
    {
        var before = Door("udp:b");
        _listeners.Follow(Options(("b", 0), ("c", 0)));
        Assert.Equal(["udp:b", "udp:c"], _listeners.Open.Select(l => l.Name));
        Assert.Equal((1, 2), (await AskAsync("udp:b"), await AskAsync("udp:c")));
        Assert.Equal(before, Door("udp:b"));

        // To the peers of a listener that is closed nothing goes out.
        _listeners.Send(Peer.From(new IPEndPoint(IPAddress.Loopback, 9), 0), [1]);
        Assert.Equal(1, _listeners.SendFailures);
        _listeners.Follow(Options(("a", 0), ("b", 0)));
        Assert.Equal((0, 1), (await AskAsync("udp:a"), await AskAsync("udp:b")));
    }

    [Fact]
    public async Task A_listener_that_is_bound_otherwise_is_opened_anew()
    {
        var before = Door("udp:a");
        _listeners.Follow(Options(("a", 0), ("b", 0)) with
        {
            Listeners = new ListenersOptions
            {
                Udp = new Dictionary<string, UdpListenerOptions>
                {
                    ["a"] = new() { Bind = BindAddress.Loopback(0), UdpOptions = new UdpSocketOptions { Recbuf = 65536 } }, ["b"] = new() { Bind = BindAddress.Loopback(0), MaxConnections = 1 },
                },
            },
        });
        Assert.NotEqual(before, Door("udp:a"));
        Assert.Equal((0, 1), (await AskAsync("udp:a"), await AskAsync("udp:b")));
    }

    [Fact]
    public async Task An_address_that_is_taken_leaves_the_listener_as_it_was()
    {
        using var other = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var taken = ((IPEndPoint)other.Client.LocalEndPoint!).Port;
        var before = Door("udp:a");
        _listeners.Follow(Options(("a", taken), ("b", 0), ("c", taken)));
        Assert.Equal(before, Door("udp:a"));
        Assert.Equal(["udp:a", "udp:b"], _listeners.Open.Select(l => l.Name));
        Assert.Equal(0, await AskAsync("udp:a"));
    }

    [Fact]
    public void All_are_closed_where_the_gateway_is_disabled()
    {
        _listeners.Follow(Options(("a", 0), ("b", 0)) with { Enable = false });
        Assert.Empty(_listeners.Open);
        _listeners.Dispose();
        _listeners.Follow(Options(("a", 0)));
        Assert.Empty(_listeners.Open);
    }

    void Echo(in Peer peer, ReadOnlySpan<byte> datagram) => _listeners.Send(peer, [(byte)peer.Listener]);

    IPEndPoint Door(string name) => _listeners.Open.Single(l => l.Name == name).LocalEndPoint;

    async Task<int> AskAsync(string name)
    {
        using var device = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        device.Connect(Door(name));
        await device.SendAsync(new byte[] { 1 }, TestContext.Current.CancellationToken);
        var answer = await device.ReceiveAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        return Assert.Single(answer.Buffer);
    }

    static Lwm2mOptions Options(params (string Name, int Port)[] listeners) => new()
    {
        Listeners = new ListenersOptions { Udp = listeners.ToDictionary(l => l.Name, l => new UdpListenerOptions { Bind = BindAddress.Loopback(l.Port) }) },
    };
}
