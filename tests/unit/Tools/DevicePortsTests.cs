using System.Net;
using System.Net.Sockets;
using Tools.Network;

namespace Pipeline.Tests.Tools;

public sealed class DevicePortsTests : IDisposable
{
    // What does not come is a failure, not a wait without end.
    readonly UdpClient _gateway = new(new IPEndPoint(IPAddress.Loopback, 0)) { Client = { ReceiveTimeout = 30_000 } };

    IPEndPoint Address => (IPEndPoint)_gateway.Client.LocalEndPoint!;

    public void Dispose() => _gateway.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_device_has_an_address_of_its_own_and_gets_its_answers(bool isShared)
    {
        using var ports = Open(isShared, 3);
        var peers = Enumerable.Range(0, 3).Select(device => Send(ports, device)).ToList();
        Assert.Equal(3, peers.Distinct().Count());
        _gateway.Send([9, 1], peers[1]);
        Assert.Equal((1, "0901"), Receive(ports));
        _gateway.Send([9, 2], peers[2]);
        Assert.Equal((2, "0902"), Receive(ports));
        Assert.Equal(peers[0], Send(ports, 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_device_that_is_bound_anew_has_another_port_and_the_old_one_is_deaf(bool isShared)
    {
        using var ports = Open(isShared, 2);
        var before = Send(ports, 0);
        ports.Rebind(0);
        var after = Send(ports, 0);
        Assert.NotEqual(before.Port, after.Port);
        _gateway.Send([1], before);
        _gateway.Send([2], after);
        Assert.Equal((0, "02"), Receive(ports));
    }

    [Fact]
    public void Devices_of_several_threads_have_different_addresses()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the whole of 127.0.0.0/8");
        using var first = new SharedPorts(Address, 0, 2);
        using var second = new SharedPorts(Address, 2, 2);
        IPEndPoint[] peers = [Send(first, 0), Send(first, 1), Send(second, 0), Send(second, 1)];
        Assert.Equal(4, peers.Select(peer => peer.Address).Distinct().Count());
    }

    DevicePorts Open(bool isShared, int count)
    {
        Assert.SkipUnless(!isShared || OperatingSystem.IsLinux(), "needs the whole of 127.0.0.0/8");
        return isShared ? new SharedPorts(Address, 0, count) : new OwnPorts(Address, count);
    }

    IPEndPoint Send(DevicePorts ports, int device)
    {
        ports.Send(device, [(byte)device]);
        IPEndPoint? from = null;
        Assert.Equal([(byte)device], _gateway.Receive(ref from));
        return from;
    }

    static (int Device, string Bytes) Receive(DevicePorts ports)
    {
        var buffer = new byte[64];
        for (var patience = 0; patience < 100; patience++)
        {
            ports.Wait(100);
            if (ports.TryReceive(buffer, out var device, out var length))
                return (device, Convert.ToHexString(buffer, 0, length));
        }
        throw new TimeoutException("no datagram came");
    }
}
