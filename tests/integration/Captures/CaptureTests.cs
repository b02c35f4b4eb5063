using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Contracts;
using Contracts.Configuration;
using Google.Protobuf;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.IntegrationTests.Dashboard;
using Pipeline.IntegrationTests.Devices;
using Pipeline.IntegrationTests.Gateways;
using Tools.Captures;
using Tools.Decoding;
using Tools.Imports;
using Tools.Pcap;
using Tools.Replay;
using Tools.Stories;
using Tools.Traffic;

namespace Pipeline.IntegrationTests.Captures;

/// <summary>What goes over the wire is recorded because somebody asked for it, looked at with other people's tools, and brought back.</summary>
[Collection(OnDashboard.Name)]
public sealed class CaptureTests(DashboardFixture gateway) : IDisposable
{
    const string Wish = Api.Lwm2m + "/capture";

    // Register, its answer, Observe, its answer, a notification, its acknowledgement, De-register, its answer.
    const int Datagrams = 8;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly string _folder = Directory.CreateTempSubdirectory("capture-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_was_wished_is_recorded_both_ways_and_nothing_else()
    {
        var (endpoint, recorded) = await RecordAsync();
        Assert.Equal(
            [
                "Received CON 0.02 Post, Register", "Transmitted ACK 2.01 Created", "Transmitted CON 0.01 Get, Observe /3/0/10", "Received ACK 2.05 Content, answer to Observe, or a notification",
                "Received CON 2.05 Content, answer to Observe, or a notification", "Transmitted ACK 0.00 Empty, acknowledgement", "Received CON 0.04 Delete, De-register",
                "Transmitted ACK 2.02 Deleted",
            ],
            recorded.Select(Short));
        Assert.All(recorded, captured => Assert.Equal((endpoint, "udp:default", 0ul), (captured.Endpoint, captured.Listener, captured.Dropped)));
        Assert.All(recorded.Zip(recorded.Skip(1)), pair => Assert.True(pair.First.CapturedNs <= pair.Second.CapturedNs));

        (await gateway.Api.DeleteAsync(Wish)).Expect(204);
        using (var other = new BareDevice(gateway.Coap))
        {
            await other.RegisterAsync();
            await other.DeregisterAsync();
            Assert.Empty(await CapturedAsync(other.Endpoint));
        }
    }

    [Theory]
    [InlineData(LinkType.RawIp)]
    [InlineData(LinkType.ExportedPdu)]
    public async Task Wireshark_reads_it_as_coap(int linkType)
    {
        Assert.SkipUnless(Tshark.Missing is null, Tshark.Missing ?? "");
        var (endpoint, recorded) = await RecordAsync();
        var file = await ExportAsync(endpoint, linkType);
        var (device, port) = (CaptureExport.EndsOf(recorded[0]).From.Port, gateway.Coap.Port);
        // An exported PDU says itself what it is.
        string[] arguments = linkType == LinkType.RawIp ? ["-d", $"udp.port=={port},coap", "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"] : [];
        var location = LocationOf(recorded[1]);

        var lines = await Tshark.ReadAsync(file, arguments, "frame.time_epoch", "coap.type", "coap.code", "coap.opt.uri_path");
        Assert.Equal(
            ["0 2 rd", "2 65", "0 1 3,0,10", "2 69", "0 69", "2 0", $"0 4 rd,{location}", "2 66"],
            lines.Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..].Trim()).Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
        Assert.Equal(
            recorded.Select(captured => string.Create(CultureInfo.InvariantCulture, $"{captured.CapturedNs / 1_000_000_000}.{captured.CapturedNs % 1_000_000_000:000000000}")),
            lines.Select(line => line.Split(' ')[0]));
        var ends = linkType == LinkType.RawIp
            ? await Tshark.ReadAsync(file, arguments, "ip.src", "udp.srcport", "ip.dst", "udp.dstport", "ip.checksum.status", "udp.checksum.status")
            : await Tshark.ReadAsync(file, arguments, "exported_pdu.ipv4_src", "exported_pdu.src_port", "exported_pdu.ipv4_dst", "exported_pdu.dst_port");
        var good = linkType == LinkType.RawIp ? " 1 1" : "";
        Assert.Equal([$"127.0.0.1 {device} 127.0.0.1 {port}{good}", $"127.0.0.1 {port} 127.0.0.1 {device}{good}"], ends.Take(2));
    }

    [Fact]
    public async Task What_is_exported_comes_back_as_the_events_that_there_were()
    {
        var (endpoint, _) = await RecordAsync();
        var rules = await RulesAsync();
        var live = new List<ReplayedEvent>();
        await foreach (var (_, events) in new KafkaTraffic(Connect(), new TrafficSelection { Endpoints = [new Glob(endpoint)] }, NullLogger.Instance)
            .ReadAsync(happened => Translated(rules, happened), TestContext.Current.CancellationToken))
            live.AddRange(events);

        var import = new CaptureImport(rules.Configuration, new GatewaySide([]));
        var imported = new List<ReplayedEvent>();
        await using (var file = File.OpenRead(await ExportAsync(endpoint, LinkType.RawIp)))
            import.Run(FrameReader.Open(file, out _)!, happened => imported.AddRange(Translated(rules, happened)), TestContext.Current.CancellationToken);

        Assert.Equal(["lwm2m.register", "lwm2m.response", "lwm2m.notify", "lwm2m.deregister"], live.Select(told => told.Type));
        Assert.Equal(live.Select(Told), imported.Select(Told));
        // The id of a response is that of its command, which never was on the wire.
        Assert.Equal(live.Where(told => told.Type != "lwm2m.response").Select(told => told.Id), imported.Where(told => told.Type != "lwm2m.response").Select(told => told.Id));
    }

    [Fact]
    public async Task A_story_tells_events_and_datagrams_in_order_and_decode_explains_them()
    {
        var (endpoint, recorded) = await RecordAsync();
        var rules = await RulesAsync();
        var story = new DeviceStory(rules, new EventSummary(rules.Definitions), TimeSpan.FromMinutes(5));
        var lines = new List<string>();
        var source = new KafkaTraffic(Connect(), new TrafficSelection { Endpoints = [new Glob(endpoint)] }, NullLogger.Instance);
        await foreach (var happening in Happening.ReadAsync(source, Source(endpoint), TestContext.Current.CancellationToken))
            lines.AddRange(happening.Event is { } happened ? story.Tell(happened) : story.Tell(happening.Datagram!));
        var order = lines.Where(line => line.StartsWith('2')).Select(line => line[25..].Trim()).ToList();
        Assert.StartsWith("device >  CON 0.02 Post, Register", order[0], StringComparison.Ordinal);
        Assert.StartsWith("registered", order[1], StringComparison.Ordinal);
        Assert.StartsWith("> device    ACK 2.01 Created", order[2], StringComparison.Ordinal);
        Assert.Contains("(answers after ", order[2], StringComparison.Ordinal);

        Assert.True(KafkaCapture.Exists(Connect()));
        Assert.True(RecordExplanation.TryExplain(RecordKind.Capture, recorded[2].ToByteArray(), rules.Definitions, out var explained));
        Assert.Contains(explained, line => line.Contains("Observe /3/0/10", StringComparison.Ordinal));
        var (partition, offset) = await PlaceOfAsync(recorded[2]);
        var record = await RecordAt.ReadAsync(Connect(), gateway.Topics.Capture, partition, offset, TestContext.Current.CancellationToken);
        Assert.Equal(recorded[2], CapturedDatagram.Parser.ParseFrom(record.Value));
        await Assert.ThrowsAsync<IOException>(() => RecordAt.ReadAsync(Connect(), gateway.Topics.Capture, partition, 1 << 30, TestContext.Current.CancellationToken));
    }

    async Task<(string Endpoint, List<CapturedDatagram> Recorded)> RecordAsync()
    {
        using var story = Story.Begin(gateway);
        (await gateway.Api.PutAsync(Wish, $$"""{"endpoints":["{{story.Endpoint}}"],"seconds":3600}""")).Expect(200);
        await story.Device.RegisterAsync();
        await story.HearAsync("up/register");
        await story.ReportAndLeaveAsync("""{"msgType":"observe","data":{"path":"/3/0/10"}}""");
        List<CapturedDatagram> recorded = [];
        await Eventually.TrueAsync(async () => (recorded = await CapturedAsync(story.Endpoint)).Count >= Datagrams, Patience, () => $"{recorded.Count} datagrams are recorded");
        Assert.Equal(Datagrams, recorded.Count);
        return (story.Endpoint, recorded);
    }

    async Task<List<CapturedDatagram>> CapturedAsync(string endpoint)
    {
        var recorded = new List<CapturedDatagram>();
        await foreach (var captured in Source(endpoint).ReadAsync(TestContext.Current.CancellationToken))
            recorded.Add(captured);
        return recorded;
    }

    async Task<string> ExportAsync(string endpoint, int linkType)
    {
        var file = Path.Combine(_folder, $"{linkType}.pcap");
        await using var output = File.Create(file);
        var export = new CaptureExport(Source(endpoint));
        Assert.Equal(LinkType.RawIp, await export.LinkTypeAsync(TestContext.Current.CancellationToken));
        await export.WritePcapAsync(output, linkType, TestContext.Current.CancellationToken);
        Assert.Equal((Datagrams, 0), (export.Count, export.TooLong));
        return file;
    }

    async Task<(int Partition, long Offset)> PlaceOfAsync(CapturedDatagram wanted)
    {
        var found = new TaskCompletionSource<(int, long)>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var reader = new LogReader(Connect(), "test", NullLogger.Instance);
        reader.Start([.. Enumerable.Range(0, 4).Select(p => new LogPosition(gateway.Topics.Capture, p, LogPosition.Beginning))], record =>
        {
            if (wanted.Equals(CapturedDatagram.Parser.ParseFrom(record.Value)))
                found.TrySetResult((record.Partition, record.Offset));
        });
        return await found.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    async Task<Rules> RulesAsync()
    {
        var file = Path.Combine(_folder, "gateway.conf");
        await File.WriteAllTextAsync(file, """
            gateway.lwm2m {
              mountpoint = "lwm2m/${endpoint_name}/"
              lifetime_min = 1s
              translators {
                command { topic = "dn/#" }, response { topic = "up/resp" }, notify { topic = "up/notify" }
                register { topic = "up/register" }, update { topic = "up/update" }
              }
            }
            """, TestContext.Current.CancellationToken);
        return Rules.Read([file], null, Assert.Fail);
    }

    KafkaCapture Source(string endpoint) => new(Connect(), new CaptureSelection { Endpoints = [new Glob(endpoint)] }, NullLogger.Instance);

    KafkaConnection Connect() => new(gateway.KafkaServers, Embedded: false, new KafkaOptions { TopicPrefix = gateway.Topics.Prefix, Partitions = 4 }, null);

    static IReadOnlyList<ReplayedEvent> Translated(Rules rules, UplinkEvent happened)
    {
        var events = rules.Translate(happened, out var problem);
        Assert.Null(problem);
        return events;
    }

    static string Told(ReplayedEvent told) => $"{told.Type} {told.Topic} {JsonNode.Parse(told.Payload.Span)!.ToJsonString()}";

    static string Short(CapturedDatagram captured)
    {
        Assert.True(DatagramExplanation.TryExplain(captured.Datagram.Span, Tools.ShippedDefinitions.Catalog, null, out var lines));
        var head = lines[0][..lines[0].IndexOf(", message id", StringComparison.Ordinal)];
        var meaning = lines.Count > 1 && !lines[1].StartsWith(' ') && !lines[1].StartsWith("payload", StringComparison.Ordinal) ? ", " + lines[1].Replace(", nothing more", "", StringComparison.Ordinal) : "";
        return $"{captured.Direction} {head}{meaning}";
    }

    static string LocationOf(CapturedDatagram created)
    {
        Assert.Equal(Protocol.Coap.CoapParseError.None, Protocol.Coap.CoapFrame.TryParse(created.Datagram.Span, out var frame));
        var path = frame.LocationPath;
        Assert.True(path.MoveNext() && path.MoveNext());
        return Encoding.ASCII.GetString(path.Current);
    }
}
