using Protocol.Dtls;

namespace Pipeline.Tests.Dtls;

/// <summary>Devices whose server goes, in order or not, and another one that goes on with their sessions.</summary>
public sealed class RestoredSessionTests : IDisposable
{
    readonly DtlsUnderTest _server = new() { Saves = true };
    readonly DtlsUnderTest _successor = new() { Saves = true };

    public void Dispose()
    {
        _server.Dispose();
        _successor.Dispose();
    }

    [Theory]
    [InlineData(0xC0A8)]
    [InlineData(0x00A8)]
    public async Task Device_goes_on_where_it_was_after_an_orderly_end(int suite)
    {
        var device = await _server.ConnectedAsync(_server.Client(1, send => new DtlsClient(send, "dev-1", DtlsUnderTest.Key, suite) { OffersId = true, OwnId = [7, 8, 9] }));
        Say(device, "one");
        Write(_server);
        Say(device, "two");
        var replayed = device.Sent.Last();

        var (session, state) = Assert.Single(_server.Server.Freeze());
        Assert.Equal(0, _server.Server.Sessions);
        Assert.False(session.TrySend("too late"u8));
        _server.Server.Dispose();
        Assert.False(device.HearsFarewell());
        Assert.True(Restore(state, session));

        _successor.Carry(device, 1);
        _successor.Receive(1, replayed);
        Assert.Equal([DropReason.Discarded], _successor.Drops);
        Say(device, "three");
        _successor.Carry(device, 2);
        Say(device, "four");
        Assert.Equal([(1, 2)], _successor.Moves);
        Assert.Equal(["three", "four"], _successor.Heard.Select(h => h.Text));
        Assert.Empty(_successor.Results);
    }

    [Fact]
    public async Task After_a_crash_device_is_deaf_for_a_block_at_most_and_no_copy_is_heard()
    {
        var device = await _server.ConnectedAsync(_server.ClientWithId(1));
        Say(device, "one");
        var state = Write(_server)!;
        var session = _server.Server.Find(1)!;
        Say(device, "two");
        var replayed = device.Sent.ToList();

        Assert.True(Restore(state, session));
        _successor.Carry(device, 1);
        foreach (var record in replayed.Where(r => r[0] == 25))
            _successor.Receive(1, record);
        Assert.Empty(_successor.Heard);
        Assert.All(_successor.Drops, drop => Assert.Equal(DropReason.Discarded, drop));
        var said = 0;
        while (_successor.Heard.IsEmpty && said < 100)
            device.Say($"again {++said}");
        Assert.Equal($"echo again {said}", device.Hear());
        Assert.True(said is > 1 and <= (int)Reservation.LeastReceiveBlock + 1);
        // Ours begin behind all that the other process might have used.
        Assert.True(RecordHeader.PositionOf(_successor.Sent.Last().Datagram) >= RecordHeader.FirstProtected + state.Numbers.Send);
    }

    [Fact]
    public async Task What_is_not_reserved_waits_until_it_is_and_costs_one_question()
    {
        var device = await _server.ConnectedAsync(_server.ClientWithId(1));
        Say(device, "one");
        var state = Write(_server)!;
        var session = _server.Server.Find(1)!;
        _server.Echoes = false;
        var most = (int)Reservation.LeastReceiveBlock;
        for (var i = 0; i < 2 * most; i++)
            device.Say($"more {i}");
        Assert.Equal(1 + most, _server.Heard.Count);
        Assert.Empty(_server.Drops);
        Assert.Same(session, Assert.Single(_server.Attended));

        // What was planned counts once it is in force, and not before.
        _server.Attended.Clear();
        Assert.True(session.TryPlan(out var next));
        Assert.True(next.Numbers.Receive > state.Numbers.Receive && next.Numbers.Send >= state.Numbers.Send);
        Assert.Equal(1 + most, _server.Heard.Count);
        session.Grant(next.Numbers);
        Assert.Equal(Enumerable.Range(0, 2 * most).Select(i => $"more {i}"), _server.Heard.Skip(1).Select(h => h.Text));
        device.Say("heard");
        Assert.Equal("heard", _server.Heard.Last().Text);
    }

    [Fact]
    public async Task What_waits_for_a_reservation_is_little_and_not_for_long()
    {
        var device = await _server.ConnectedAsync(_server.ClientWithId(1));
        Say(device, "one");
        Write(_server);
        var session = _server.Server.Find(1)!;
        _server.Echoes = false;
        for (var i = 0; i < (int)Reservation.LeastReceiveBlock + 20; i++)
            device.Say("more");
        Assert.Equal(4, _server.Drops.Count(drop => drop == DropReason.Unreserved));

        // Their device has said the same again by then.
        _server.Time.Advance(TimeSpan.FromSeconds(3));
        device.Say("again");
        Assert.Equal(20, _server.Drops.Count(drop => drop == DropReason.Unreserved));
        _server.Heard.Clear();
        Assert.True(session.TryPlan(out var next));
        session.Grant(next.Numbers);
        Assert.Equal("again", Assert.Single(_server.Heard).Text);
    }

    [Fact]
    public async Task Only_who_has_an_id_and_has_spoken_is_written_and_its_end_too()
    {
        await _server.ConnectedAsync(1);
        var silent = await _server.ConnectedAsync(_server.ClientWithId(2, "dev-2", [1, 2, 3, 4]));
        Assert.Empty(_server.Attended);
        Assert.Empty(_server.Server.Freeze());
        Say(silent, "hello");
        Assert.NotNull(Write(_server));
        silent.Farewell();
        Assert.True(_server.Attended.TryDequeue(out var ended));
        Assert.False(ended.TryPlan(out _));
    }

    [Fact]
    public async Task What_makes_no_session_or_is_of_another_slot_is_not_restored()
    {
        var device = await _server.ConnectedAsync(_server.ClientWithId(1));
        Say(device, "one");
        var state = Write(_server)!;
        var session = _server.Server.Find(1)!;
        Assert.False(Restore(state with { Id = state.Id ^ (1UL << 40) }, session));
        Assert.False(Restore(state with { KeyBlock = [1] }, session));
        Assert.False(Restore(state with { Suite = 0xAE }, session));
        Assert.False(Restore(state with { Numbers = new RecordNumbers(RecordNumbers.End + 1, 0, 0) }, session));
        Assert.False(Restore(state with { MostContent = 0 }, session));
        Assert.True(Restore(state, session));
        Assert.False(Restore(state, session));
        Assert.Equal(1, _successor.Server.Sessions);
    }

    static void Say(DtlsClient device, string text)
    {
        device.Say(text);
        Assert.Equal("echo " + text, device.Hear());
    }

    // As a host does, and Kafka takes it.
    static SessionState? Write(DtlsUnderTest server)
    {
        Assert.True(server.Attended.TryDequeue(out var session));
        if (session.TryPlan(out var state))
            session.Grant(state.Numbers);
        return state;
    }

    bool Restore(SessionState state, DtlsSession<int> session) =>
        _successor.Server.TryRestore(state, state.Numbers.Reserved, session.Identity, session.Address, out _);
}
