using System.Diagnostics;
using Org.BouncyCastle.Tls;
using Protocol.Dtls;
using CipherSuite = Protocol.Dtls.CipherSuite;

namespace Pipeline.Tests.Dtls;

/// <summary>Stories of devices and a DTLS server.</summary>
public sealed class DtlsServerTests : IDisposable
{
    readonly DtlsUnderTest _server = new();

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData(0xC0A8, "TLS_PSK_WITH_AES_128_CCM_8")]
    [InlineData(0x00A8, "TLS_PSK_WITH_AES_128_GCM_SHA256")]
    public async Task Device_with_a_key_is_heard_and_answered(int suite, string name)
    {
        var device = await _server.ConnectedAsync(1, suites: suite);
        device.Say("hello");
        Assert.Equal("echo hello", device.Hear());
        Assert.Equal(("dev-1", "hello"), Assert.Single(_server.Heard));
        Assert.Equal((1, HandshakeResult.Established, new DtlsIdentity("dev-1"), name), Assert.Single(_server.Results));
        Assert.True(device.IsExtendedMasterSecret);
        Assert.Equal((1, 0), (_server.Server.Sessions, _server.Server.Handshakes));
        Assert.Empty(_server.Drops);
    }

    [Fact]
    public async Task Cbc_is_for_those_who_ask_for_it()
    {
        await Assert.ThrowsAsync<TlsFatalAlertReceived>(() => _server.ConnectedAsync(1, suites: 0xAE));
        Assert.Equal(HandshakeResult.NothingInCommon, Assert.Single(_server.Results).Result);
        _server.Server.Settings = _server.Server.Settings with { CipherSuites = CipherSuite.All };
        var device = await _server.ConnectedAsync(1, suites: 0xAE);
        device.Say("hello");
        Assert.Equal("echo hello", device.Hear());
    }

    [Fact]
    public async Task The_order_of_the_server_decides_where_it_is_to()
    {
        await _server.ConnectedAsync(1, suites: [0xA8, 0xC0A8]);
        _server.Server.Settings = _server.Server.Settings with { PrefersOwnOrder = false };
        await _server.ConnectedAsync(2, suites: [0xA8, 0xC0A8]);
        Assert.Equal(["TLS_PSK_WITH_AES_128_CCM_8", "TLS_PSK_WITH_AES_128_GCM_SHA256"], _server.Results.Select(r => r.Cipher));
    }

    [Fact]
    public async Task Unknown_identity_and_wrong_key_are_told_apart_at_once()
    {
        await Assert.ThrowsAsync<TlsFatalAlertReceived>(() => _server.ConnectedAsync(1, "stranger"));
        await Assert.ThrowsAsync<TlsFatalAlertReceived>(() => _server.ConnectedAsync(2, "dev-1", [9, 9, 9]));
        Assert.Equal(
            [(1, HandshakeResult.UnknownIdentity, "stranger"), (2, HandshakeResult.WrongKey, "dev-1")],
            _server.Results.Select(r => (r.Address, r.Result, r.Identity!.Name)));
        Assert.Contains((true, "unknown_psk_identity"), _server.Alerts);
        Assert.Equal((0, 0), (_server.Server.Sessions, _server.Server.Handshakes));
    }

    [Fact]
    public async Task Hello_without_a_cookie_leaves_nothing_behind()
    {
        var hello = await HelloAsync();
        for (var address = 1000; address < 2000; address++)
            _server.Receive(address, hello);
        Assert.Equal((0, 0), (_server.Server.Sessions, _server.Server.Handshakes));
        Assert.Equal(1000, _server.Sent.Count(s => s.Address >= 1000));
        // 25 bytes of heads, version and length of the cookie, the cookie: less than was asked with.
        Assert.All(_server.Sent, s => Assert.True(s.Datagram.Length <= hello.Length));
    }

    [Fact]
    public async Task Cookie_counts_for_its_address_and_for_two_minutes()
    {
        var device = await _server.ConnectedAsync(1);
        var withCookie = device.Sent.ElementAt(1);
        _server.Receive(7, withCookie);
        Assert.Equal(0, _server.Server.Handshakes);
        Assert.Single(_server.Results);

        // The same hello again is no wish for another session; with the session gone it is one while the cookie counts.
        _server.Receive(1, withCookie);
        Assert.Equal([DropReason.Stale], _server.Drops);
        _server.Server.End(_server.Server.Find(1)!);
        _server.Time.Advance(TimeSpan.FromSeconds(61));
        _server.Receive(1, withCookie);
        Assert.Equal(1, _server.Server.Handshakes);
        _server.Time.Advance(TimeSpan.FromSeconds(121));
        _server.Receive(1, [.. withCookie[..20], .. withCookie[20..]]);
        _server.Receive(8, withCookie);
        Assert.Equal(1, _server.Server.Handshakes);
    }

    [Fact]
    public async Task Lost_flights_are_sent_again()
    {
        var (lost, fromDevice) = (0, 0);
        // The first ServerHello and the first Finished of the server, and the first key exchange of the device.
        _server.Arrives = datagram => !(datagram[0] == 22 && datagram[13] == 2 && Interlocked.Increment(ref lost) == 1);
        var device = _server.Client(1);
        device.Outgoing = datagram => datagram[0] == 22 && datagram[13] == 16 && Interlocked.Increment(ref fromDevice) == 1 ? null : datagram;
        await device.ConnectAsync();
        device.Say("hello");
        Assert.Equal("echo hello", device.Hear());
        Assert.True(lost > 1 && fromDevice > 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lost_last_flight_is_sent_again_by_the_session(bool hasId)
    {
        var lost = 0;
        _server.Arrives = datagram => !(datagram[0] is 20 or 22 && (datagram[0] == 20 || datagram[4] == 1) && Interlocked.Increment(ref lost) <= 2);
        var device = await _server.ConnectedAsync(hasId ? _server.ClientWithId(1) : _server.Client(1));
        device.Say("hello");
        Assert.Equal("echo hello", device.Hear());
        Assert.True(lost > 2);
        Assert.Single(_server.Results);
    }

    [Fact]
    public async Task Corrupt_and_repeated_records_do_not_harm_the_session_and_cost_little()
    {
        var device = await _server.ConnectedAsync(1);
        device.Say("one");
        Assert.Equal("echo one", device.Hear());
        var record = device.Sent.Last();
        // Too short to be protected at all: the library would answer with a fatal alert.
        _server.Receive(1, [.. record[..5], 0, 0, 0, 0, 1, 0, 0, 3, 1, 2, 3]);
        Assert.Equal([DropReason.Discarded], _server.Drops);
        _server.Drops.Clear();
        var corrupt = record.ToArray();
        corrupt[10] += 5;
        corrupt[^1] ^= 1;
        // The library would look at the clock for a millisecond each time, which no batch could be quicker than.
        const int Batches = 10;
        const int Each = 100;
        var quickest = TimeSpan.MaxValue;
        for (var batch = 0; batch < Batches; batch++)
        {
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < Each; i++)
            {
                _server.Receive(1, record);
                _server.Receive(1, corrupt);
            }

            quickest = watch.Elapsed < quickest ? watch.Elapsed : quickest;
        }

        Assert.Equal(2 * Batches * Each, _server.Drops.Count(d => d == DropReason.Discarded));
        device.Say("two");
        Assert.Equal("echo two", device.Hear());
        Assert.Equal(2, _server.Heard.Count);
        Assert.True(quickest < TimeSpan.FromMilliseconds(Each), $"{quickest} for {2 * Each} records");
    }

    [Fact]
    public async Task Several_records_in_one_datagram_are_all_heard_though_one_is_corrupt()
    {
        var device = await _server.ConnectedAsync(1);
        List<byte[]> held = [];
        device.Outgoing = datagram =>
        {
            held.Add(datagram);
            return null;
        };
        foreach (var text in new[] { "a", "b", "c" })
            device.Say(text);
        held[1][^1] ^= 1;
        _server.Receive(1, [.. held[0], .. held[1], .. held[2]]);
        Assert.Equal(["a", "c"], _server.Heard.Select(h => h.Text));
        device.Outgoing = datagram => datagram;
        device.Say("d");
        Assert.Equal("d", _server.Heard.Last().Text);
    }

    [Fact]
    public async Task Another_device_at_the_same_address_takes_over_when_it_has_proven_itself()
    {
        var first = await _server.ConnectedAsync(1);
        await Assert.ThrowsAsync<TlsFatalAlertReceived>(() => _server.ConnectedAsync(1, "dev-2", [9]));
        first.Say("still here");
        Assert.Equal(("dev-1", "still here"), _server.Heard.Last());

        var second = await _server.ConnectedAsync(1, "dev-2", [1, 2, 3, 4]);
        second.Say("now me");
        Assert.Equal("echo now me", second.Hear());
        Assert.Equal(("dev-2", "now me"), _server.Heard.Last());
        Assert.Equal(1, _server.Server.Sessions);
        first.Say("and I?");
        Assert.Equal(2, _server.Heard.Count);
    }

    [Fact]
    public async Task Key_is_good_for_more_than_one_handshake()
    {
        await _server.ConnectedAsync(1);
        await _server.ConnectedAsync(2);
        Assert.Equal(2, _server.Server.Sessions);
    }

    [Fact]
    public async Task Farewell_ends_the_session_on_either_side()
    {
        var device = await _server.ConnectedAsync(1);
        device.Farewell();
        Assert.Equal(0, _server.Server.Sessions);
        Assert.Contains((false, "close_notify"), _server.Alerts);

        device = await _server.ConnectedAsync(2);
        _server.Server.End(_server.Server.Find(2)!);
        Assert.True(device.HearsFarewell());
        device.Say("anybody?");
        Assert.Contains(DropReason.NoSession, _server.Drops);
    }

    [Fact]
    public async Task Another_handshake_within_the_session_is_refused()
    {
        var device = await _server.ConnectedAsync(1);
        device.Say("one");
        // Of the second epoch, as a renegotiation would be: not authentic here, and not for a handshake either.
        var hello = device.Sent.First().ToArray();
        hello[4] = 1;
        _server.Receive(1, hello);
        device.Say("two");
        Assert.Equal(["one", "two"], _server.Heard.Select(h => h.Text));
        Assert.Equal(0, _server.Server.Handshakes);
        Assert.Single(_server.Drops);
    }

    [Fact]
    public async Task Sessions_are_bounded_and_those_go_that_were_silent_longest()
    {
        using var server = new DtlsUnderTest(mostSessions: 3);
        var devices = new List<DtlsClient>();
        for (var address = 1; address <= 3; address++)
        {
            devices.Add(await server.ConnectedAsync(address));
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        devices[0].Say("here");
        server.Time.Advance(TimeSpan.FromSeconds(1));
        await server.ConnectedAsync(4);
        await Until(() => devices[1].HearsFarewell());
        Assert.Equal(3, server.Server.Sessions);
        Assert.Null(server.Server.Find(2));
    }

    [Fact]
    public async Task Peers_beyond_the_limit_of_their_source_are_not_begun_with()
    {
        _server.Admits = false;
        var device = _server.Client(1);
        var attempt = device.ConnectAsync();
        await Until(() => _server.Drops.Contains(DropReason.Limited));
        Assert.Equal(0, _server.Server.Handshakes);
        _server.Admits = true;
        await attempt;
        Assert.Equal(1, _server.Server.Sessions);
    }

    [Fact]
    public async Task Message_that_says_it_is_endless_takes_no_memory()
    {
        var hello = await HelloAsync();
        hello[14] = 0xFF;
        _server.Receive(5, hello);
        Assert.Equal([DropReason.Oversized], _server.Drops);
    }

    [Fact]
    public async Task Words_longer_than_a_record_are_not_sent()
    {
        await _server.ConnectedAsync(1);
        var session = _server.Server.Find(1)!;
        Assert.False(session.TrySend(new byte[20_000]));
        Assert.True(session.TrySend(new byte[1200]));
    }

    // The first datagram of a device that nobody answers.
    async Task<byte[]> HelloAsync()
    {
        var device = _server.Client(99);
        device.Outgoing = _ => null;
        _ = device.ConnectAsync();
        await Until(() => !device.Sent.IsEmpty);
        return device.Sent.First().ToArray();
    }

    static async Task Until(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(5, TestContext.Current.CancellationToken);
    }
}
