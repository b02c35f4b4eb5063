using System.Net;
using System.Net.Sockets;
using Tools.Commands;
using Tools.Network;

namespace Pipeline.Tests.Tools;

public sealed class NetworkTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Poller_reports_sockets_that_have_something(bool isSelect)
    {
        Assert.SkipUnless(isSelect || OperatingSystem.IsLinux(), "epoll is there on Linux only");
        using SocketPoller poller = isSelect ? new SelectPoller() : new EpollPoller();
        using var peer = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var first = new DeviceSocket((IPEndPoint)peer.Client.LocalEndPoint!);
        using var second = new DeviceSocket((IPEndPoint)peer.Client.LocalEndPoint!);
        first.AddTo(poller, 11);
        second.AddTo(poller, 22);
        Assert.Equal(0, poller.Wait(0).Length);

        second.Send([1, 2, 3]);
        IPEndPoint? from = null;
        peer.Receive(ref from);
        peer.Send([4, 5], from);
        Assert.Equal([22], poller.Wait(5000).ToArray());
        // Until it is taken it is reported again.
        Assert.Equal([22], poller.Wait(0).ToArray());

        var buffer = new byte[16];
        Assert.True(second.TryReceive(buffer, out var length));
        Assert.Equal([4, 5], buffer[..length]);
        Assert.False(second.TryReceive(buffer, out _));
        Assert.Equal(0, poller.Wait(0).Length);
    }

    [Fact]
    public void Refused_datagrams_are_lost_without_harm()
    {
        using var nobody = new DeviceSocket(new IPEndPoint(IPAddress.Loopback, 1));
        var buffer = new byte[16];
        for (var i = 0; i < 3; i++)
        {
            nobody.Send([1]);
            Assert.False(nobody.TryReceive(buffer, out _));
        }
    }

    [Fact]
    public void Agenda_asks_each_device_once_at_its_earliest_time()
    {
        var agenda = new Agenda(3);
        agenda.Set(0, 50);
        agenda.Set(1, 20);
        agenda.Set(0, 10);
        agenda.Set(0, 30);
        Assert.Equal(10, agenda.Next);
        Assert.False(agenda.TryTake(9, out _, out _));
        var taken = new List<(int, long)>();
        while (agenda.TryTake(100, out var device, out var time))
            taken.Add((device, time));
        Assert.Equal([(0, 10), (1, 20)], taken);
        Assert.Equal(long.MaxValue, agenda.Next);
    }

    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("5s", 5)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    [InlineData("10", 10)]
    public void Durations_are_read(string text, double seconds)
    {
        Assert.True(Duration.TryParse(text, out var duration));
        Assert.Equal(seconds, duration.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("5 years")]
    [InlineData("1e300d")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData("127.0.0.1:5783", "127.0.0.1", 5783)]
    [InlineData("gateway", "gateway", 99)]
    [InlineData("[::1]:5783", "::1", 5783)]
    [InlineData("[::1]", "::1", 99)]
    [InlineData("::1", "::1", 99)]
    public void Addresses_are_read(string text, string host, int port)
    {
        Assert.True(ServerAddress.TryParse(text, 99, out var address));
        Assert.Equal((host, port), (address.Host, address.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:70000")]
    [InlineData(":5783")]
    public void What_is_no_address_is_refused(string text) => Assert.False(ServerAddress.TryParse(text, 99, out _));
}
