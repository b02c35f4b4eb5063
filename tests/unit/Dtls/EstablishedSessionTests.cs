using System.Buffers.Binary;
using System.Security.Cryptography;
using Protocol.Dtls;

namespace Pipeline.Tests.Dtls;

/// <summary>Sessions whose records are ours, with devices whose records are the library's.</summary>
public sealed class EstablishedSessionTests : IDisposable
{
    const byte Alert = 21;
    const byte WithConnectionId = 25;

    readonly DtlsUnderTest _server = new();

    public EstablishedSessionTests() => _server.Server.Settings = _server.Server.Settings with { CipherSuites = CipherSuite.All };

    public void Dispose() => _server.Dispose();

    public static TheoryData<int, string?> Suites => new MatrixTheoryData<int, string?>([0xC0A8, 0x00A8, 0x00AE], [null, "", "C1", "C1C2C3C4C5C6C7C8"]);

    /// <param name="suite">In the registry of IANA.</param>
    /// <param name="peerId">What records to the device bear; null where it does not offer to use ids at all.</param>
    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Each_suite_is_understood_both_ways_with_and_without_ids(int suite, string? peerId)
    {
        var device = await DeviceAsync(suite, peerId);
        foreach (var length in new[] { 0, 1, 15, 16, 17, 255, 256, 1000, 1100 })
        {
            var text = new string('x', length);
            device.Say(text);
            Assert.Equal("echo " + text, device.Hear());
        }

        var record = _server.Sent.Last().Datagram;
        Assert.Equal(peerId is { Length: > 0 } ? WithConnectionId : 23, record[0]);
        Assert.Equal(peerId ?? "", Convert.ToHexString(record.AsSpan(11, (peerId ?? "").Length / 2)));
        Assert.Equal(peerId is null ? 23 : WithConnectionId, device.Sent.Last()[0]);
        Assert.Empty(_server.Drops);
        device.Farewell();
        Assert.Equal(0, _server.Server.Sessions);
        Assert.True(device.HearsFarewell());
    }

    [Fact]
    public async Task Numbers_go_on_behind_those_of_the_handshake()
    {
        var device = await DeviceAsync(0xC0A8, null);
        device.Say("one");
        device.Hear();
        device.Say("two");
        device.Hear();
        // Finished, and two answers; the library looks for repeated ones itself.
        Assert.Equal([0, 1, 2], _server.Sent.Where(s => s.Datagram[4] == 1).Select(s => BinaryPrimitives.ReadUInt32BigEndian(s.Datagram.AsSpan(7))).Select(n => (int)n));
    }

    [Fact]
    public async Task Farewell_is_answered_with_one()
    {
        var device = await DeviceAsync(0xC0A8, null);
        device.Say("one");
        var before = _server.Sent.Count;
        device.Farewell();
        Assert.Equal(Alert, Assert.Single(_server.Sent.Skip(before)).Datagram[0]);
        Assert.Equal([(false, "close_notify"), (true, "close_notify")], _server.Alerts);
        // And nothing after that, in either direction.
        _server.Receive(1, device.Sent.Last());
        Assert.Equal([DropReason.NoSession], _server.Drops);
    }

    [Fact]
    public async Task Last_flight_goes_again_in_the_same_bytes_until_the_device_has_shown_that_it_has_it()
    {
        var isLost = true;
        _server.Arrives = datagram => !isLost || datagram[0] is 22 && datagram[4] == 0;
        var device = _server.Client(1);
        var connecting = device.ConnectAsync();
        await Until(() => _server.Server.Sessions == 1);
        // ChangeCipherSpec and Finished, of which nothing arrives.
        var flight = LastFlights();
        Assert.Equal(2, flight.Count);
        await Until(() => LastFlights().Count == 4);
        Assert.Equal(flight, LastFlights()[2..]);
        isLost = false;
        await connecting;
        var finished = device.Sent.Where(d => d[0] == 22 && d[4] == 1).ToList();
        Assert.True(finished.Count > 1);

        // What the device has said for the handshake counts once: a copy has nothing sent.
        var count = _server.Sent.Count;
        finished.ForEach(copy => _server.Receive(1, copy));
        Assert.Equal(count, _server.Sent.Count);
        device.Say("hello");
        Assert.Equal("echo hello", device.Hear());
        Assert.False(_server.Server.Find(1)!.IsUnproven);

        List<string> LastFlights() => [.. _server.Sent.Select(s => s.Datagram).Where(d => d[0] == 20 || d[4] == 1).Select(Convert.ToHexString)];
    }

    [Fact]
    public async Task Records_are_no_longer_than_a_device_with_little_memory_wants()
    {
        var device = await _server.ConnectedAsync(_server.Client(1, network => new DtlsClient(network, "dev-1", DtlsUnderTest.Key) { HasLittleMemory = true }));
        var session = _server.Server.Find(1)!;
        Assert.False(session.TrySend(new byte[513]));
        Assert.True(session.TrySend(new byte[512]));
        Assert.Equal(512, device.HearBytes().Length);
    }

    [Fact]
    public async Task Several_threads_use_one_session_and_no_number_twice()
    {
        const int Each = 200;
        _server.Echoes = false;
        var device = await DeviceAsync(0xC0A8, "C1");
        var session = _server.Server.Find(1)!;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
                session.TrySend([1, 2, 3]);
        })));
        var numbers = _server.Sent.Select(s => s.Datagram).Where(d => d[4] == 1).Select(d => BinaryPrimitives.ReadUInt32BigEndian(d.AsSpan(7))).ToList();
        Assert.Equal((4 * Each) + 1, numbers.Distinct().Count());
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
        Assert.Equal([1, 2, 3], device.HearBytes());
    }

    /// <summary>In steady state a record takes no memory, be it opened, sent, repeated or forged.</summary>
    [Theory]
    [InlineData(0xC0A8, null)]
    [InlineData(0xC0A8, "C1C2")]
    [InlineData(0x00A8, "C1C2")]
    public async Task Records_take_no_memory(int suite, string? peerId)
    {
        using var server = new SilentHost();
        var device = await server.ConnectedAsync(suite, peerId is null ? null : Convert.FromHexString(peerId));
        const int Each = 1000;
        var records = new List<byte[]>();
        device.Outgoing = datagram =>
        {
            records.Add(datagram);
            return null;
        };
        var content = RandomNumberGenerator.GetBytes(100);
        for (var i = 0; i < 2 * Each; i++)
            device.Say(content);
        var session = server.Server.Find(1)!;
        Run(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(Each);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Each);
        Assert.Equal(2 * Each, server.Heard);

        void Run(int from)
        {
            for (var i = from; i < from + Each; i++)
            {
                server.Server.Receive(1, records[i]);
                server.Server.Receive(1, records[i]);
                session.TrySend(records[i]);
                if (suite != 0xC0A8)
                    continue;
                records[i][^1] ^= 1;
                records[i][9] ^= 1;
                server.Server.Receive(1, records[i]);
            }
        }
    }

    Task<DtlsClient> DeviceAsync(int suite, string? peerId) => _server.ConnectedAsync(_server.Client(1, network => new DtlsClient(network, "dev-1", DtlsUnderTest.Key, suite)
    {
        OffersId = peerId is not null,
        OwnId = Convert.FromHexString(peerId ?? ""),
    }));

    static async Task Until(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5, TestContext.Current.CancellationToken);
    }

    /// <summary>A host that keeps nothing.</summary>
    sealed class SilentHost : IDtlsHost<int>, IDisposable
    {
        DtlsClient? _device;

        public SilentHost() => Server = new DtlsServer<int>(this, new DtlsSettings { FindKey = _ => new PreSharedKey(DtlsUnderTest.Key) }, 10, 1, TimeProvider.System);

        public DtlsServer<int> Server { get; }

        public int Heard { get; private set; }

        public void Dispose() => Server.Dispose();

        public async Task<DtlsClient> ConnectedAsync(int suite, byte[]? peerId)
        {
            var device = _device = new DtlsClient(datagram => Server.Receive(1, datagram), "dev-1", DtlsUnderTest.Key, suite) { OffersId = peerId is not null, OwnId = peerId ?? [] };
            await device.ConnectAsync();
            await Until(() => Server is { Sessions: 1, Handshakes: 0 });
            _device = null;
            return device;
        }

        void IDtlsHost<int>.Send(in int to, ReadOnlySpan<byte> datagram) => _device?.Deliver(datagram.ToArray());

        void IDtlsHost<int>.Receive(in int from, DtlsSession<int> session, ReadOnlySpan<byte> plaintext) => Heard++;

        int IDtlsHost<int>.PeerOf(in int address, DtlsIdentity identity) => address;

        void IDtlsHost<int>.Moved(DtlsSession<int> session, in int from, in int to)
        {
        }

        int IDtlsHost<int>.Describe(in int address, Span<byte> bytes) => 0;

        bool IDtlsHost<int>.MayBegin(in int from) => true;

        void IDtlsHost<int>.Ended(in int with, HandshakeResult result, DtlsIdentity? identity, string? cipher)
        {
        }

        void IDtlsHost<int>.Alerted(bool isSent, string description)
        {
        }

        void IDtlsHost<int>.Dropped(DropReason reason)
        {
        }
    }
}
