using System.Reactive.Subjects;
using BenchmarkDotNet.Attributes;
using Contracts;
using Contracts.Configuration;
using Google.Protobuf;
using Messaging;
using Protocol.Lwm2m.Definitions;
using Translator;
using Translator.Uplink;

namespace Pipeline.Bench;

/// <summary>What the Translator does with one record, without Kafka.</summary>
[MemoryDiagnoser]
public class TranslatorBenchmarks : IDisposable
{
    private readonly Subject<LogRecord> _records = new();
    private LogRecord _notification;
    private LogRecord _answer;
    private LogRecord _update;
    private int _events;

    [GlobalSetup]
    public void Compose()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Pipeline.sln")))
        {
            root = root.Parent!;
        }

        var folder = new DefinitionFolder(Path.Combine(root.FullName, "lwm2m_xml"));
        folder.Reload();
        var rules = new TranslationRules(new GatewayConfiguration(), folder.Catalog);
        _records.Translate((_, _) => false, () => rules).Subscribe(item => _events += item.Value!.Events.Count);

        var command = new CommandContext
        {
            CommandId = "cmd-1-2",
            MsgType = "observe",
            ReqPath = "/3303/0/5700",
            Echo = ByteString.CopyFromUtf8("""{"data":{"path":"/3303/0/5700"},"msgType":"observe","reqID":307}"""),
        };
        _notification = Record(new UplinkEvent
        {
            Kind = EventKind.Notified, Path = "/3303/0/5700", Code = 0x45, ContentFormat = 11542, Observe = 12, Command = command,
            Payload = ByteString.CopyFrom(Convert.FromHexString("E8164408403757AE147AE148")),
        });
        _answer = Record(new UplinkEvent
        {
            Kind = EventKind.Outcome, Outcome = Outcome.Answered, Path = "/3/0", Code = 0x45, ContentFormat = 11542, Command = command,
            Payload = ByteString.CopyFrom(Convert.FromHexString(
                "C800144F70656E204D6F62696C6520416C6C69616E6365C801164C69676874776569676874204D324D20436C69656E74C80209333435303030313233C303312E30"
                + "860641000141010588070842000ED842011388870841007D42010384C10964C10A0F830B410000C40D5182428FC60E2B30323A3030C11055")),
        });
        _update = Record(new UplinkEvent
        {
            Kind = EventKind.Updated,
            Registration = new RegistrationInfo { Parameters = { new QueryParameter { Key = "ep", Value = "device-1" }, new QueryParameter { Key = "lt", Value = "300" } }, ObjectList = { "/1/0", "/3/0" } },
        });
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _records.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public int Notification() => Translate(_notification);

    [Benchmark]
    public int ReadDevice() => Translate(_answer);

    [Benchmark]
    public int Update() => Translate(_update);

    private int Translate(LogRecord record)
    {
        _records.OnNext(record);
        return _events;
    }

    private static LogRecord Record(UplinkEvent uplink)
    {
        (uplink.Schema, uplink.IdHigh, uplink.IdLow, uplink.Endpoint, uplink.RegistrationId) = (1, 0x0123456789abcdef, 42, "device-1", "AbCdEfGhIjK");
        (uplink.ReceivedNs, uplink.Peer, uplink.AlternatePath) = (1_700_000_000_000_000_000, "192.0.2.1:50000", "/");
        uplink.Client = new ClientIdentity { Clientid = "device-1", Username = "device-1", Peerhost = "192.0.2.1", Zone = "default", Listener = "udp:default" };
        return new LogRecord("lwm2m.uplink", 3, 17, "device-1"u8.ToArray(), uplink.ToByteArray(), [], 1_700_000_000_000);
    }
}
