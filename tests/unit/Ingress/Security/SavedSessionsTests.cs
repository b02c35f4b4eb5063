using System.Buffers.Binary;
using System.Net;
using Ingress.Forwarding;
using Ingress.Security;
using Ingress.Sockets;
using Microsoft.Extensions.Time.Testing;
using Protocol.Dtls;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>Processes that have a slot one after the other, or believe so at once, and a device that goes on.</summary>
public sealed class SavedSessionsTests : IDisposable
{
    const ulong Id = ((ulong)SlotProcess.Slot << 32) | 0x01020304;

    static readonly CredentialKeys Keys =
        CredentialKeys.TryRead(["k1:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"], out var keys, out _) ? keys : throw new InvalidOperationException();

    static readonly byte[] KeyBlock = [.. Enumerable.Range(1, SessionState.KeyBlockLength).Select(i => (byte)i)];

    // As the other side has it: client and server change places.
    static readonly byte[] Mirrored = [.. KeyBlock[16..32], .. KeyBlock[..16], .. KeyBlock[36..40], .. KeyBlock[32..36]];

    static readonly Peer Address = Peer.From(new IPEndPoint(IPAddress.Loopback, 5000), 0);

    readonly FakeTimeProvider _time = new();
    readonly HashSet<ulong> _sent = [];
    readonly HashSet<ulong> _taken = [];
    readonly List<byte[]> _said = [];
    readonly SlotLog _log = new();
    readonly Ccm8Protection _device = new(Mirrored, [0, SlotProcess.Slot, 1, 2, 3, 4]);
    ulong _next;

    public void Dispose() => _device.Dispose();

    [Fact]
    public async Task Session_goes_on_exactly_after_an_orderly_end()
    {
        var first = await StartedAsync();
        Say(first);
        Settle(first);
        Say(first);
        Assert.Equal(2, _taken.Count);
        var save = first.Saved.SaveAsync(first.Server.Freeze().Select(f => (SlotProcess.Listener, f.Session, f.State)));
        Settle(first);
        await save;

        var second = await StartedAsync();
        Deliver(second, _said[^1]);
        Say(second);
        Assert.Equal(3, _taken.Count);
        Assert.Equal([DropReason.Discarded], second.Drops);
    }

    [Fact]
    public async Task Older_process_that_still_lives_gets_nothing_in_force_any_more()
    {
        var old = await StartedAsync();
        Say(old);
        Settle(old);
        var young = await StartedAsync();
        var heard = _taken.Count;
        // All that it had reserved, and no more, whatever it writes.
        for (var i = 0; i < 100; i++)
        {
            Say(old);
            Settle(old);
        }

        Assert.InRange(_taken.Count - heard, 1, (int)Reservation.MostReceiveBlock);
        Assert.Contains(DropReason.Unreserved, old.Drops);
        // What it hears is far ahead of what it has reserved: heard when it is said again.
        Say(young);
        Settle(young);
        Say(young);
        Assert.Contains(_next - 1, _taken);
        var third = await StartedAsync();
        foreach (var datagram in _said)
            Deliver(third, datagram);
        Assert.Equal(_taken.Count, _taken.Distinct().Count());
    }

    [Fact]
    public async Task Session_whose_credential_does_not_count_or_that_cannot_be_read_is_taken_out_of_the_log()
    {
        Seed();
        _log.Add(new SavedSessionKey(Id + 1, SlotProcess.Listener).ToBytes(), [1, 2, 3]);
        var process = new SlotProcess(_log, Keys, _time);
        await process.StartAsync(() => { }, _ => (null, "credential"));
        Assert.Equal((0, 0), (process.Server.Sessions, process.Saved.Count));
        Settle(process);
        Assert.Equal(0, (await StartedAsync(seeds: false)).Server.Sessions);
    }

    [Fact]
    public async Task Ended_session_is_not_gone_on_with()
    {
        var first = await StartedAsync();
        Say(first);
        Settle(first);
        first.Server.End(Session(first)!);
        Settle(first);
        Assert.Equal(0, first.Saved.Count);
        Assert.Equal(0, (await StartedAsync(seeds: false)).Server.Sessions);
    }

    [Fact]
    public async Task While_Kafka_takes_nothing_the_session_uses_what_it_has_and_goes_on_after()
    {
        var process = await StartedAsync();
        process.Writer.IsFull = true;
        for (var i = 0; i < 40; i++)
            Say(process);
        Assert.Equal((int)Reservation.LeastReceiveBlock, _taken.Count);
        Assert.False(process.Saved.Write());
        process.Writer.IsFull = false;
        Settle(process);
        Say(process);
        Assert.Contains(_next - 1, _taken);
    }

    /// <summary>Random crashes, zombies, late and lost writes, compaction: no nonce is used twice, and no record is taken twice.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task No_number_is_used_twice_whatever_dies_and_lingers(int seed)
    {
        var random = new Random(seed);
        var (restored, lost) = (0, 0);
        List<SlotProcess> processes = [await StartedAsync()];
        for (var step = 0; step < 6_000; step++)
        {
            var process = random.Next(4) > 0 ? processes[^1] : processes[random.Next(processes.Count)];
            switch (random.Next(random.Next(15) == 0 ? 12 : 10))
            {
                case 0 or 1 or 2:
                    _next += (ulong)(random.Next(30) == 0 ? random.Next(200) : 0);
                    for (var i = random.Next(8) == 0 ? 30 : 1; i > 0; i--)
                        Say(process);
                    break;
                case 3:
                    if (_said.Count > 0)
                        Deliver(process, _said[^random.Next(1, Math.Min(_said.Count, 300) + 1)]);
                    break;
                case 4:
                    for (var i = random.Next(200); i > 0; i--)
                        Session(process)?.TrySend("x"u8);
                    break;
                case 5:
                    process.Saved.Write();
                    break;
                case 6:
                    process.Writer.Land(random.Next(8) > 0, random.Next(8) > 0);
                    break;
                case 7 or 8:
                    process.Read();
                    break;
                case 9:
                    _time.Advance(TimeSpan.FromMilliseconds(random.Next(400)));
                    break;
                case 10:
                    if (random.Next(3) == 0)
                        await process.Saved.SaveAsync(process.Server.Freeze().Select(f => (SlotProcess.Listener, f.Session, f.State)));
                    var next = Process();
                    await next.StartAsync(() =>
                    {
                        var other = processes[random.Next(processes.Count)];
                        if (random.Next(2) == 0)
                            other.Saved.Write();
                        if (random.Next(2) == 0)
                            other.Writer.Land();
                        Say(other);
                    });
                    next.Saved.EndRestore();
                    // Somebody has recorded all of it.
                    foreach (var datagram in _said.TakeLast(300))
                        Deliver(next, datagram);
                    processes.Add(next);
                    if (processes.Count > 4)
                        processes.RemoveAt(0);
                    restored += next.Server.Sessions;
                    if (next.Server.Sessions == 0)
                    {
                        // Covered by what does not count any more, or ended: its device makes a handshake, and has other keys.
                        lost++;
                        Begin();
                        processes = [await StartedAsync()];
                    }

                    break;
                default:
                    _log.Compact();
                    break;
            }
        }

        Assert.True(restored > 20 && lost < restored / 2, $"{restored} restored, {lost} lost");
    }

    async Task<SlotProcess> StartedAsync(bool seeds = true)
    {
        if (seeds && _log.From(0) is null)
            Seed();
        var process = Process();
        await process.StartAsync(() => { });
        return process;
    }

    SlotProcess Process() => new(_log, Keys, _time)
    {
        Sent = position => Assert.True(_sent.Add(position), $"sent twice with {position}"),
        Taken = number => Assert.True(_taken.Add(number), $"taken twice: {number}"),
    };

    // A session that a process before all others has left, nothing of whose numbers is used.
    void Seed()
    {
        var state = new SessionState
        {
            Id = Id, PeerId = [], Suite = CipherSuite.PskCcm8.Number, KeyBlock = KeyBlock, MostContent = 1024, Numbers = new RecordNumbers(1, _next, ulong.MaxValue),
        };
        var key = new SavedSessionKey(Id, SlotProcess.Listener).ToBytes();
        _log.Add(key, SavedSessionRecord.Write(
            new SavedSession(long.MaxValue, 1, SlotProcess.Listener, Route.Direct(Address), "dev-1", "", false, new byte[SavedSession.PrintLength], state), key, Keys)!);
    }

    void Begin()
    {
        _sent.Clear();
        _taken.Clear();
        _said.Clear();
        Seed();
    }

    static DtlsSession<Route>? Session(SlotProcess process) => process.Server.Find(Route.Direct(Address));

    // The device says its next number.
    void Say(SlotProcess to)
    {
        var content = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(content, _next);
        var record = new byte[content.Length + _device.Overhead];
        var datagram = record[.._device.Protect(RecordHeader.FirstProtected + _next++, RecordHeader.ApplicationData, content, record)];
        _said.Add(datagram);
        Deliver(to, datagram);
    }

    static void Deliver(SlotProcess to, byte[] datagram) => to.Server.Receive(Route.Direct(Address), datagram);

    // All that it has to write is written, and read back.
    static void Settle(SlotProcess process)
    {
        process.Saved.Write();
        while (!process.Writer.IsEmpty)
            process.Writer.Land();
        while (process.Read())
        {
        }
    }
}
