using System.Net;
using System.Text;
using Contracts;
using Contracts.Configuration;
using Ingress.Sockets;
using Pipeline.Tests.Ingress;
using Protocol.Coap;
using Tools.Imports;
using Tools.Pcap;

namespace Pipeline.Tests.Tools;

/// <summary>
/// A device talks to a gateway, and what went over the wire is imported: the same events come out that the gateway has made, under the same ids where these
/// come from the wire.
/// </summary>
public sealed class CaptureImportTests
{
    static readonly IPEndPoint GatewayEnd = IPEndPoint.Parse("198.51.100.9:15683");

    readonly GatewayUnderTest _gateway = new();
    readonly List<(ulong Ns, bool IsReceived, Peer Peer, byte[] Bytes)> _wire = [];

    [Fact]
    public void A_life_is_told_as_it_was()
    {
        var location = Register();
        Do(() => _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0/10", "c1")));
        var token = Answer(CoapCode.Content, observe: 1, payload: "1024"u8.ToArray());
        Do(() => _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0", "c2")));
        Answer(CoapCode.Content, payload: "Maker"u8.ToArray());
        Send(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 501, token, observe: 3, format: 0, payload: "2048"u8.ToArray()));
        Send(GatewayUnderTest.Response(CoapType.NonConfirmable, CoapCode.Content, 502, token, observe: 2, format: 0, payload: "2000"u8.ToArray()));
        Send(_gateway.Request(CoapCode.Post, $"rd/{location}", "lt=600"));
        Send(_gateway.Request(CoapCode.Delete, $"rd/{location}"));

        var imported = Import(out var totals);
        Assert.Equal(
            [EventKind.Registered, EventKind.Outcome, EventKind.Outcome, EventKind.Notified, EventKind.Notified, EventKind.Updated, EventKind.Deregistered],
            imported.Select(told => told.Kind));
        Assert.Equal(_gateway.Log.Uplink.Select(Essence), imported.Select(Essence));
        Assert.True(imported[4].Late);
        Assert.Equal((7, 0, 0), (totals.Events, totals.NotTaken, totals.OfUnknown));
    }

    [Fact]
    public void A_notification_in_blocks_and_a_large_answer_are_whole()
    {
        Register();
        Do(() => _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0/10", "c1")));
        var token = Answer(CoapCode.Content, observe: 1, payload: "1"u8.ToArray());
        var body = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20).Select(i => $"{i:000000000000000}|")));
        Send(Blocked(CoapType.Confirmable, 601, token, body, new BlockOption(0, true, 4), 5));
        AnswerBlocks(body);
        Do(() => _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/13", "c2")));
        AnswerBlocks(body);

        var imported = Import(out _);
        Assert.Equal(_gateway.Log.Uplink.Select(Essence), imported.Select(Essence));
        Assert.Equal([EventKind.Notified, EventKind.Outcome], imported.TakeLast(2).Select(told => told.Kind));
        Assert.All(imported.TakeLast(2), told => Assert.Equal(body, told.Payload.ToByteArray()));
    }

    [Fact]
    public void An_answer_that_comes_later_is_told_after_its_acknowledgement()
    {
        Register();
        Do(() => _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0/10", "c1")));
        CoapFrame.TryParse(_wire[^1].Bytes, out var request);
        var acknowledgement = new byte[4];
        CoapWriter.TryWriteEmpty(acknowledgement, CoapType.Acknowledgement, request.MessageId);
        Send(acknowledgement);
        Send(GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 700, request.Token, observe: 1, format: 0, payload: "1"u8.ToArray()));

        var imported = Import(out _);
        Assert.Equal([EventKind.Registered, EventKind.Acknowledged, EventKind.Outcome], imported.Select(told => told.Kind));
        Assert.Equal(_gateway.Log.Uplink.Select(Essence), imported.Select(Essence));
        Assert.NotEqual(0ul, imported[2].NotificationIdHigh);
    }

    [Fact]
    public void What_the_gateway_has_not_confirmed_has_not_happened()
    {
        Register();
        Do(() => _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0/10", "c1")));
        var token = Answer(CoapCode.Content, observe: 1, payload: "1024"u8.ToArray());
        Put(true, GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 501, token, observe: 3, format: 0, payload: "2048"u8.ToArray()));
        Put(true, _gateway.Request(CoapCode.Post, "rd", "ep=other&lt=60", "</1/0>"));
        Put(false, GatewayUnderTest.Response(CoapType.Acknowledgement, CoapCode.Forbidden, 0, [0xAA]));

        Assert.Equal([EventKind.Registered, EventKind.Outcome], Import(out var totals).Select(told => told.Kind));
        Assert.Equal(2, totals.NotTaken);
    }

    [Fact]
    public void Repetitions_are_told_once_and_counted()
    {
        Register();
        foreach (var (ns, isReceived, peer, bytes) in _wire.ToList())
            _wire.Add((ns + 1, isReceived, peer, bytes));
        Assert.Equal(EventKind.Registered, Assert.Single(Import(out var totals)).Kind);
        Assert.Equal(1, totals.Repeated);
    }

    [Fact]
    public void A_request_without_an_answer_times_out_and_one_that_is_reset_says_so()
    {
        Register();
        Do(() => _gateway.Operate(_gateway.Operation(OperationKind.Read, "/3/0/0", "c1")));
        CoapFrame.TryParse(_wire[^1].Bytes, out var request);
        var reset = new byte[4];
        CoapWriter.TryWriteEmpty(reset, CoapType.Reset, request.MessageId);
        Send(reset);
        Do(() => _gateway.Operate(_gateway.Operation(OperationKind.Execute, "/3/0/4", "c2")));
        for (var i = 0; i < 100; i++)
            Do(() => _gateway.Advance(TimeSpan.FromSeconds(1)));
        Put(true, _gateway.Request(CoapCode.Get, "nothing"));

        var imported = Import(out var totals);
        Assert.Equal([Outcome.Reset, Outcome.TimedOut], imported.Where(told => told.Kind == EventKind.Outcome).Select(told => told.Outcome));
        Assert.Equal(["read", "execute"], imported.Where(told => told.Kind == EventKind.Outcome).Select(told => told.Command.MsgType));
        Assert.True(totals.Repeated > 0);
    }

    [Fact]
    public void A_lifetime_that_is_over_ends_the_registration()
    {
        Register();
        Do(() => _gateway.Advance(TimeSpan.FromSeconds(301)));
        Put(true, _gateway.Request(CoapCode.Get, "nothing"));
        var imported = Import(out _);
        Assert.Equal(_gateway.Log.Uplink.Select(told => (told.Kind, told.IdHigh, told.Reason)), imported.Select(told => (told.Kind, told.IdHigh, told.Reason)));
        Assert.Equal(300_000_000_000ul, imported[1].ReceivedNs - imported[0].ReceivedNs);
    }

    [Fact]
    public void A_device_that_registers_again_has_been_replaced_and_is_observed_anew()
    {
        Register();
        Do(() => _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0/10", "c1")));
        Answer(CoapCode.Content, observe: 1, payload: "1024"u8.ToArray());
        Register();
        Answer(CoapCode.Content, observe: 1, payload: "1025"u8.ToArray());

        var imported = Import(out _);
        Assert.Equal([EventKind.Registered, EventKind.Outcome, EventKind.Replaced, EventKind.Registered, EventKind.Notified], imported.Select(told => told.Kind));
        Assert.Equal(_gateway.Log.Uplink.Select(told => (told.Kind, told.RegistrationId)), imported.Select(told => (told.Kind, told.RegistrationId)));
    }

    [Fact]
    public void The_locations_of_other_servers_are_taken_as_they_are()
    {
        Put(true, _gateway.Request(CoapCode.Post, "rd", "ep=far&lt=60&lwm2m=1.0", "</1/0>"));
        var answer = new byte[64];
        var writer = new CoapWriter(answer, CoapType.Acknowledgement, CoapCode.Created, 100, [0xAA]);
        writer.AddLocationPath("rd/5a3f");
        Assert.True(writer.TryFinish(out var length));
        Put(false, answer[..length]);
        Put(true, _gateway.Request(CoapCode.Delete, "rd/5a3f"));
        Put(false, GatewayUnderTest.Response(CoapType.Acknowledgement, CoapCode.Deleted, 101, [0xAA]));

        var imported = Import(out _);
        Assert.Equal([(EventKind.Registered, "5a3f"), (EventKind.Deregistered, "5a3f")], imported.Select(told => (told.Kind, told.RegistrationId)));
        Assert.Equal(imported.Select(told => told.IdHigh), Import(out _).Select(told => told.IdHigh));
    }

    [Fact]
    public void Of_a_device_whose_register_is_missing_nothing_is_told()
    {
        Put(true, GatewayUnderTest.Response(CoapType.Confirmable, CoapCode.Content, 501, [1, 2], observe: 3, format: 0, payload: "2048"u8.ToArray()));
        Assert.Empty(Import(out var totals));
        Assert.Equal(1, totals.OfUnknown);
    }

    [Theory]
    [InlineData("198.51.100.9:15683", true)]
    [InlineData("0.0.0.0:15683", true)]
    [InlineData("0.0.0.0:9", null)]
    [InlineData(null, null)]
    public void Which_end_is_the_gateway_is_said_or_learned_from_a_register(string? named, bool? isReceived)
    {
        var side = new GatewaySide(named is null ? [] : [IPEndPoint.Parse(named)]);
        var device = IPEndPoint.Parse("192.0.2.1:50000");
        var ping = new UdpDatagram(device, GatewayEnd, new byte[] { 0x40, 0, 0, 1 });
        Assert.Equal(isReceived, side.IsReceiver(ping));
        var register = new UdpDatagram(device, GatewayEnd, _gateway.Request(CoapCode.Post, "rd", "ep=x"));
        Assert.Equal(named is null ? true : isReceived, side.IsReceiver(register));
        Assert.Equal(named is null ? false : !isReceived, side.IsReceiver(ping with { Source = GatewayEnd, Destination = device }));
    }

    string Register()
    {
        Do(() => _gateway.Receive(Wired(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=300&lwm2m=1.0", "</1/0>,</3/0>"))));
        return GatewayUnderTest.LocationOf(_wire.Last(message => !message.IsReceived && message.Bytes[1] == (byte)CoapCode.Created).Bytes);
    }

    void Send(byte[] datagram) => Do(() => _gateway.Receive(Wired(datagram)));

    // The device answers the last request that it has been sent; gives its token.
    byte[] Answer(CoapCode code, uint? observe = null, byte[]? payload = null)
    {
        CoapFrame.TryParse(_wire.Last(message => !message.IsReceived).Bytes, out var request);
        var token = request.Token.ToArray();
        Send(GatewayUnderTest.Response(CoapType.Acknowledgement, code, request.MessageId, token, observe, 0, payload));
        return token;
    }

    // Block by block, in blocks of 256 bytes, as the gateway asks for them.
    void AnswerBlocks(byte[] body)
    {
        while (true)
        {
            CoapFrame.TryParse(_wire.Last(message => !message.IsReceived && message.Bytes[1] != 0).Bytes, out var request);
            var number = request.Block2?.Number ?? 0;
            var more = (number + 1) * 256 < body.Length;
            Send(Blocked(CoapType.Acknowledgement, request.MessageId, request.Token.ToArray(), body, new BlockOption(number, more, 4), null));
            if (!more)
                return;
        }
    }

    static byte[] Blocked(CoapType type, ushort messageId, byte[] token, byte[] body, BlockOption block, uint? observe)
    {
        var buffer = new byte[1024];
        var writer = new CoapWriter(buffer, type, CoapCode.Content, messageId, token);
        if (observe is { } sequence)
            writer.AddOption(CoapOptionNumber.Observe, sequence);
        writer.AddOption(CoapOptionNumber.ContentFormat, 0u);
        writer.AddOption(CoapOptionNumber.Block2, block.Value);
        writer.AddPayload(body.AsSpan((int)block.Number * 256, Math.Min(256, body.Length - ((int)block.Number * 256))));
        Assert.True(writer.TryFinish(out var length));
        return buffer[..length];
    }

    // Whatever the gateway does, Kafka takes, and what it sends is on the wire.
    void Do(Action act)
    {
        act();
        _gateway.Log.Settle();
        while (_gateway.Sent.TryDequeue(out var sent))
            _wire.Add((Now, false, sent.Peer, sent.Datagram));
        _gateway.Time.Advance(TimeSpan.FromMilliseconds(10));
    }

    byte[] Wired(byte[] datagram)
    {
        Put(true, datagram);
        return datagram;
    }

    void Put(bool isReceived, byte[] datagram) => _wire.Add((Now, isReceived, GatewayUnderTest.Device, datagram));

    ulong Now => (ulong)(_gateway.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    List<UplinkEvent> Import(out ImportTotals totals)
    {
        using var file = new MemoryStream();
        var writer = new PcapWriter(file, LinkType.RawIp);
        foreach (var (ns, isReceived, peer, bytes) in _wire)
            writer.Write(ns, isReceived ? RawPacket.Write(peer.ToEndPoint(), GatewayEnd, bytes) : RawPacket.Write(GatewayEnd, peer.ToEndPoint(), bytes));
        file.Position = 0;
        var import = new CaptureImport(new GatewayConfiguration(), new GatewaySide([GatewayEnd]));
        var events = new List<UplinkEvent>();
        import.Run(FrameReader.Open(file, out _)!, events.Add, CancellationToken.None);
        totals = import.Totals;
        return events;
    }

    // All but what never was on the wire: the command, and with it the ids of what came of it; and who the gateway was.
    static UplinkEvent Essence(UplinkEvent told)
    {
        var essence = told.Clone();
        if (told.Kind is EventKind.Outcome or EventKind.Acknowledged)
            (essence.IdHigh, essence.IdLow) = (0, 0);
        if (told.Command is not null)
            essence.Command = new CommandContext();
        (essence.Epoch, essence.Sequence) = (0, 0);
        return essence;
    }
}
