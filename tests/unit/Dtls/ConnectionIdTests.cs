using System.Buffers.Binary;
using Protocol.Dtls;

namespace Pipeline.Tests.Dtls;

/// <summary>Devices whose records bear a connection id (RFC 9146): they are found by it wherever they are.</summary>
public sealed class ConnectionIdTests : IDisposable
{
    readonly DtlsUnderTest _server = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task Device_goes_on_at_another_address_without_a_handshake()
    {
        var device = await DeviceAsync(1);
        device.Say("one");
        Assert.Equal("echo one", device.Hear());
        var record = device.Sent.Last();
        // Type tls12_cid; behind epoch and sequence number the id, which begins with the slot.
        Assert.Equal((25, DtlsUnderTest.Slot), (record[0], BinaryPrimitives.ReadUInt16BigEndian(record.AsSpan(11))));
        Assert.Empty(_server.Moves);

        _server.Carry(device, 2);
        device.Say("two");
        Assert.Equal("echo two", device.Hear());
        Assert.Equal([(1, 2)], _server.Moves);
        Assert.Null(_server.Server.Find(1));
        Assert.Equal(2, _server.Server.Find(2)!.Address);
        Assert.Equal((1, 1), (_server.Server.Sessions, _server.Results.Count));

        _server.Carry(device, 1);
        device.Say("three");
        Assert.Equal("echo three", device.Hear());
        Assert.Equal([(1, 2), (2, 1)], _server.Moves);
        Assert.Empty(_server.Drops);
        device.Farewell();
        Assert.Equal(0, _server.Server.Sessions);
    }

    [Fact]
    public async Task Only_what_is_authentic_and_newer_than_all_before_moves_it()
    {
        var device = await DeviceAsync(1);
        List<byte[]> held = [];
        device.Outgoing = datagram =>
        {
            held.Add(datagram);
            return null;
        };
        device.Say("slow");
        device.Outgoing = datagram => datagram;
        _server.Carry(device, 2);
        device.Say("quick");
        Assert.Equal("echo quick", device.Hear());

        // Overtaken on the old way: heard, and answered where the device is now.
        _server.Receive(1, held[0]);
        Assert.Equal("echo slow", device.Hear());
        // Somebody else's copy of it, and one that was changed.
        var copy = device.Sent.Last();
        _server.Receive(66, copy);
        var changed = copy.ToArray();
        changed[10] += 5;
        changed[^1] ^= 1;
        _server.Receive(66, changed);
        Assert.Equal([(1, 2)], _server.Moves);
        Assert.Equal([DropReason.Discarded, DropReason.Discarded], _server.Drops);
        Assert.Equal(2, _server.Server.Find(2)!.Address);
        Assert.DoesNotContain(_server.Sent, s => s.Address == 66);
        device.Say("still here");
        Assert.Equal("echo still here", device.Hear());
    }

    [Fact]
    public async Task Ids_that_nobody_has_are_told_from_those_of_another_replica()
    {
        var device = await DeviceAsync(1);
        device.Say("one");
        var record = device.Sent.Last().ToArray();
        var unknown = record.ToArray();
        unknown[16] ^= 1;
        _server.Receive(1, unknown);
        var elsewhere = record.ToArray();
        elsewhere[12] ^= 1;
        _server.Receive(1, elsewhere);
        // Too short for an id, and longer than the datagram.
        _server.Receive(1, record[..17]);
        _server.Receive(1, record[..^1]);
        Assert.Equal([DropReason.UnknownId, DropReason.OtherSlot, DropReason.Malformed, DropReason.Malformed], _server.Drops);
        device.Say("two");
        Assert.Equal(["one", "two"], _server.Heard.Select(h => h.Text));
    }

    [Fact]
    public async Task Records_without_the_id_are_nobodys_though_they_come_from_its_address()
    {
        var device = await DeviceAsync(1);
        device.Say("one");
        var record = device.Sent.Last();
        _server.Receive(1, [23, .. record[1..11], .. record[17..]]);
        _server.Receive(1, [.. record, 23, .. record[1..11], .. record[17..]]);
        Assert.Equal([DropReason.Discarded, DropReason.Discarded], _server.Drops);
        device.Say("two");
        Assert.Equal(["one", "two"], _server.Heard.Select(h => h.Text));
    }

    [Fact]
    public async Task Session_without_an_id_does_not_move()
    {
        var device = await _server.ConnectedAsync(1);
        _server.Carry(device, 2);
        device.Say("hello");
        Assert.Equal([DropReason.NoSession], _server.Drops);
        Assert.Empty(_server.Moves);
    }

    [Fact]
    public async Task Address_that_a_device_has_left_may_be_that_of_another_one()
    {
        var first = await DeviceAsync(1);
        var second = await _server.ConnectedAsync(_server.ClientWithId(1, "dev-2", [1, 2, 3, 4]));
        Assert.Equal(2, _server.Server.Sessions);
        _server.Carry(first, 2);
        first.Say("here");
        Assert.Equal("echo here", first.Hear());
        second.Say("me too");
        Assert.Equal("echo me too", second.Hear());
        Assert.Equal([("dev-1", "here"), ("dev-2", "me too")], _server.Heard);

        // Both at one address again: each is found by its id, and by what the host calls it.
        _server.Carry(second, 2);
        second.Say("back");
        first.Say("as ever");
        Assert.Equal("dev-1", _server.Server.Find(2)!.Identity.Name);
        Assert.Equal("dev-2", _server.Server.Find(DtlsUnderTest.PeerOf(2, "dev-2"))!.Identity.Name);
        Assert.Equal(4, _server.Heard.Count);
        Assert.Equal(2, _server.Server.Sessions);
    }

    [Fact]
    public async Task Device_that_has_forgotten_its_session_takes_its_place()
    {
        var lost = await DeviceAsync(1);
        await DeviceAsync(1);
        Assert.Equal(1, _server.Server.Sessions);
        lost.Say("hello?");
        Assert.Equal([DropReason.UnknownId], _server.Drops);

        // Where the old session was carried to, the new one comes too.
        var other = await DeviceAsync(2);
        _server.Carry(other, 1);
        other.Say("hello");
        Assert.Equal(1, _server.Server.Sessions);
        Assert.Equal("dev-1", _server.Server.Find(1)!.Identity.Name);
        _server.Server.End(_server.Server.Find(1)!);
        other.Say("and now?");
        Assert.Equal(0, _server.Server.Sessions);
        Assert.Equal(DropReason.UnknownId, _server.Drops.Last());
    }

    Task<DtlsClient> DeviceAsync(int address) => _server.ConnectedAsync(_server.ClientWithId(address));
}
