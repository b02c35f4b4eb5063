using System.Net;
using System.Text;
using Contracts;
using Google.Protobuf;
using Ingress.Sockets;
using Protocol.Lwm2m;
using Tools;
using Tools.Decoding;

namespace Pipeline.Tests.Tools;

/// <summary>Records and payloads, explained down to names and values.</summary>
public sealed class RecordExplanationTests
{
    static readonly byte[] Temperature = Convert.FromHexString("E81644084035800000000000");

    [Fact]
    public void A_payload_has_names_types_and_units()
    {
        var lines = new List<string>();
        Assert.True(PayloadExplanation.TryExplain(11542, Temperature, new Lwm2mPath(3303, 0), ShippedDefinitions.Catalog.For(null), lines));
        Assert.Equal(["payload, 12 bytes, application/vnd.oma.lwm2m+tlv (11542)", "  /3303/0/5700 Sensor Value = 21.5 (Float)"], lines);
    }

    [Fact]
    public void A_payload_that_cannot_be_read_says_why()
    {
        var lines = new List<string>();
        Assert.False(PayloadExplanation.TryExplain(11542, [0xFF], new Lwm2mPath(3303, 0), ShippedDefinitions.Catalog.For(null), lines));
        Assert.Equal("  ff", lines[^1]);
        Assert.False(PayloadExplanation.TryExplain(40, [0xFF], default, ShippedDefinitions.Catalog.For(null), lines));
    }

    [Fact]
    public void An_uplink_event()
    {
        var told = new UplinkEvent
        {
            Schema = 1, Kind = EventKind.Notified, Endpoint = "meter-1", Path = "/3303/0", Peer = "192.0.2.1:5000", ReceivedNs = 1_700_000_000_123_456_700,
            Code = 69, ContentFormat = 11542, Payload = ByteString.CopyFrom(Temperature), IdLow = 1,
        };
        var lines = Explain(RecordKind.Uplink, told.ToByteArray());
        Assert.Equal(
            [
                "Notified meter-1 2023-11-14T22:13:20.1234567Z from 192.0.2.1:5000, id 00000000000000000000000000000001",
                "/3303/0 Temperature",
                "code 2.05",
                "payload, 12 bytes, application/vnd.oma.lwm2m+tlv (11542)",
                "  /3303/0/5700 Sensor Value = 21.5 (Float)",
            ],
            lines.Take(5));
        Assert.Contains(lines, line => line.Contains("\"endpoint\": \"meter-1\"", StringComparison.Ordinal));
    }

    [Fact]
    public void What_goes_down_and_how_it_stands()
    {
        var operation = new DownlinkOperation { Schema = 1, Kind = OperationKind.Read, Path = "/3/0/0", Endpoint = "meter-1" };
        Assert.Equal("Read /3/0/0 Manufacturer of meter-1", Explain(RecordKind.Downlink, operation.ToByteArray())[0]);
        var record = new OperationRecord { Schema = 1, State = OperationState.Closed, Outcome = Outcome.Answered, Operation = operation };
        Assert.Equal(["Closed, Answered", "Read /3/0/0 Manufacturer of meter-1"], Explain(RecordKind.Operation, record.ToByteArray()).Take(2));
    }

    [Fact]
    public void A_session_and_a_registration()
    {
        var session = new SessionRecord { Schema = 1, Endpoint = "meter-1", Live = true, Number = 4, Slot = 2, Epoch = 9 };
        session.Observations.Add(new Observation { Path = "/3/0/9" });
        session.Owed.Add(new UplinkEvent { Kind = EventKind.Replaced, ReceivedNs = 1_700_000_000_000_000_000 }.ToByteString());
        Assert.Equal(
            ["meter-1 is registered, number 4, at ingress 2 (epoch 9)", "  observed /3/0/9 Battery Level", "  owes the event Replaced 2023-11-14T22:13:20.0000000Z"],
            Explain(RecordKind.Session, session.ToByteArray()).Take(3));
        Assert.Equal("not a registration record", Explain(RecordKind.Registration, "{}"u8.ToArray(), isSound: false)[0]);
    }

    [Fact]
    public void A_recorded_datagram()
    {
        var lines = Explain(RecordKind.Capture, Captured("40011234B1330130").ToByteArray());
        Assert.Equal("Received 2023-11-14T22:13:20.0000000Z 192.0.2.1:5000 > 198.51.100.9:5783 over Udp, of meter-1", lines[0]);
        Assert.Equal("3 datagrams before it were not recorded", lines[1]);
        Assert.Contains("  Read /3/0", lines);
    }

    [Theory]
    [InlineData("FF")]
    [InlineData("0807")]
    [InlineData("")]
    public void What_is_no_such_record_says_so(string hex)
    {
        foreach (var kind in new[] { RecordKind.Uplink, RecordKind.Downlink, RecordKind.Session, RecordKind.Operation, RecordKind.Capture, RecordKind.Registration })
            Assert.NotEmpty(Explain(kind, Convert.FromHexString(hex), isSound: false));
    }

    [Theory]
    [InlineData("40 01 12:34", "40011234")]
    [InlineData("0x4001", "4001")]
    [InlineData("QAESNA==", "40011234")]
    [InlineData("{\"a\":1}", "7b2261223a317d")]
    public void Bytes_are_written_in_several_ways(string text, string hex)
    {
        Assert.True(WrittenBytes.TryParse(text, out var bytes));
        Assert.Equal(hex, Convert.ToHexStringLower(bytes));
        Assert.Equal(hex, Convert.ToHexStringLower(WrittenBytes.Of(Encoding.UTF8.GetBytes(text + "\n"))));
    }

    [Fact]
    public void Bytes_that_are_not_written_are_those_of_the_file()
    {
        Assert.False(WrittenBytes.TryParse("nonsense!", out _));
        Assert.Equal([0x08, 0xFF], WrittenBytes.Of([0x08, 0xFF]));
        Assert.Empty(WrittenBytes.Of([]));
    }

    internal static CapturedDatagram Captured(string hex, string endpoint = "meter-1") => new()
    {
        Schema = 1, CapturedNs = 1_700_000_000_000_000_000, Direction = CaptureDirection.Received, Transport = CaptureTransport.Udp, Endpoint = endpoint,
        Peer = Address("192.0.2.1:5000"), Local = Address("198.51.100.9:5783"), Datagram = ByteString.CopyFrom(Convert.FromHexString(hex)), Dropped = 3,
    };

    static ByteString Address(string end)
    {
        var bytes = new byte[Peer.Length];
        Peer.From(IPEndPoint.Parse(end), 0).Write(bytes);
        return ByteString.CopyFrom(bytes);
    }

    static IReadOnlyList<string> Explain(RecordKind kind, byte[] value, bool isSound = true)
    {
        Assert.Equal(isSound, RecordExplanation.TryExplain(kind, value, ShippedDefinitions.Catalog, out var lines));
        return lines;
    }
}
