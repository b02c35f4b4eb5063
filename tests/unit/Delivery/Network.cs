using Ingress.Sockets;
using Protocol.Coap;

namespace Pipeline.Tests.Delivery;

/// <summary>Datagrams on their way, of any order and age up to MAX_LATENCY (RFC 7252 section 4.8.2).</summary>
sealed class Network(World world)
{
    const long MaxLatency = 100_000;

    readonly List<Datagram> _up = [];
    readonly List<Datagram> _down = [];

    /// <summary>One datagram. Up: to a replica's slot. Down: from a process, which devices know its messages by.</summary>
    public sealed record Datagram(int Slot, string Sender, Peer Peer, byte[] Bytes, long SentAt);

    public int Up => _up.Count;

    public int Down => _down.Count;

    public void SendUp(Device device, int slot, byte[] bytes) => _up.Add(new Datagram(slot, device.Endpoint, device.Address, bytes, world.UnixMs));

    public void SendDown(IngressProcess from, in Peer peer, byte[] bytes)
    {
        world.Trace($"{from.Name} sends {World.Words(bytes)} to {world.NameOf(peer)}");
        world.Promises.OnSent(from, peer, bytes);
        _down.Add(new Datagram(from.Slot, from.Name, peer, bytes, world.UnixMs));
    }

    /// <summary>A datagram of a device reaches whoever listens for that slot.</summary>
    public void DeliverUp(int at, bool keeps = false)
    {
        var datagram = Take(_up, at, keeps);
        var listening = world.Ingresses.Where(i => i.Slot == datagram.Slot && i is { IsReady: true, IsPaused: false }).ToList();
        if (listening.Count == 0)
        {
            world.Trace($"{World.Words(datagram.Bytes)} of {datagram.Sender} finds nobody at slot {datagram.Slot}");
            return;
        }

        var hears = listening[listening.Count == 1 ? 0 : world.Random.Next(listening.Count)];
        world.Trace($"{hears.Name} hears {World.Words(datagram.Bytes)} of {datagram.Sender}{(keeps ? ", and a copy is on its way" : "")}");
        hears.Gateway.Receive(datagram.Peer, datagram.Bytes);
    }

    public void DeliverDown(int at, bool keeps = false)
    {
        var datagram = Take(_down, at, keeps);
        if (world.Devices.FirstOrDefault(d => d.Address.Equals(datagram.Peer)) is { } device)
            device.Hear(datagram.Sender, datagram.Slot, datagram.Bytes);
    }

    public byte[] PeekUp() => _up[0].Bytes;

    public void LoseUp(int at)
    {
        var lost = Take(_up, at, false);
        world.Trace($"the network loses {World.Words(lost.Bytes)} of {lost.Sender}");
    }

    public void LoseDown(int at)
    {
        var lost = Take(_down, at, false);
        world.Trace($"the network loses {World.Words(lost.Bytes)} of {lost.Sender}");
    }

    /// <summary>
    /// The device goes on to something else: of what it has given up only copies may still arrive, of messages that were taken. One that nobody
    /// has written down, and that comes behind a newer one of the same device, nobody can tell from a newer one.
    /// </summary>
    public void LoseUntaken(Device.Message given) => _up.RemoveAll(d =>
        d.Bytes == given.Bytes && given.Kind != "notify" && !world.Promises.Truth.Remembered.Contains(MessageDigest.Of(d.Bytes)));

    /// <summary>What is too old does not arrive any more.</summary>
    public void Age()
    {
        _up.RemoveAll(d => world.UnixMs - d.SentAt > MaxLatency);
        _down.RemoveAll(d => world.UnixMs - d.SentAt > MaxLatency);
    }

    static Datagram Take(List<Datagram> datagrams, int at, bool keeps)
    {
        var datagram = datagrams[at];
        if (!keeps)
            datagrams.RemoveAt(at);
        return datagram;
    }
}
