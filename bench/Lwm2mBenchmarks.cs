using System.Text;
using BenchmarkDotNet.Attributes;
using Contracts;
using Contracts.Configuration;
using Google.Protobuf;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Links;
using Protocol.Lwm2m.Values;
using Translator;
using Translator.Uplink;
using ObjectVersion = Protocol.Lwm2m.Definitions.ObjectVersion;

namespace Pipeline.Bench;

[MemoryDiagnoser]
public class Lwm2mBenchmarks
{
    // The Device object instance of LwM2M 1.0 section 6.4.3.1.
    static readonly byte[] Device = Convert.FromHexString(
        "C800144F70656E204D6F62696C6520416C6C69616E6365C801164C69676874776569676874204D324D20436C69656E74C80209333435303030313233C303312E30"
        + "860641000141010588070842000ED842011388870841007D42010384C10964C10A0F830B410000C40D5182428FC60E2B30323A3030C11055");

    static readonly byte[] Temperature = Convert.FromHexString("E8164408403757AE147AE148");

    static readonly byte[] DeviceJson = Encoding.UTF8.GetBytes("""{"bn":"/3303/0/","e":[{"n":"5700","v":23.34}]}""");

    static readonly byte[] Links = Encoding.UTF8.GetBytes(
        "</>;rt=\"oma.lwm2m\";ct=\"60 110 112 11542\",</1/0>;ver=1.1,</2>,</3/0>;ver=1.1,</4/0>,</5/0>,"
        + "</6/0>,</3303/0>,</3303/1>,</3304/0>");

    static readonly ResourceValue[] Written = [new(default, Lwm2mValue.Integer(12345))];

    static readonly ResourceValue[] Twenty =
    [
        Of("0", Lwm2mValue.String("Open Mobile Alliance")), Of("1", Lwm2mValue.String("Lightweight M2M Client")), Of("2", Lwm2mValue.String("345000123")),
        Of("3", Lwm2mValue.String("1.0")), Of("6/0", Lwm2mValue.Integer(1)), Of("6/1", Lwm2mValue.Integer(5)), Of("7/0", Lwm2mValue.Integer(3800)),
        Of("7/1", Lwm2mValue.Integer(5000)), Of("8/0", Lwm2mValue.Integer(125)), Of("8/1", Lwm2mValue.Integer(900)), Of("9", Lwm2mValue.Integer(100)),
        Of("10", Lwm2mValue.Integer(15)), Of("11/0", Lwm2mValue.Integer(0)), Of("13", Lwm2mValue.Time(1367491215)), Of("14", Lwm2mValue.String("+02:00")),
        Of("15", Lwm2mValue.String("Europe/Berlin")), Of("16", Lwm2mValue.String("U")), Of("17", Lwm2mValue.String("probe")),
        Of("18", Lwm2mValue.String("1")), Of("19", Lwm2mValue.String("1.2.3")),
    ];

    readonly Dictionary<ushort, UplinkEvent> twenty = [];
    TranslationRules rules = null!;
    DecodeContext device;
    DecodeContext temperature;
    DefinitionView definitions;

    [GlobalSetup]
    public void LoadDefinitions()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Pipeline.sln")))
            root = root.Parent!;
        var folder = new DefinitionFolder(Path.Combine(root.FullName, "lwm2m_xml"));
        folder.Reload();
        definitions = folder.Catalog.For(new Dictionary<ushort, ObjectVersion> { [3] = new(1, 1) });
        rules = new TranslationRules(new GatewayConfiguration(), folder.Catalog);
        foreach (var format in new[] { ContentFormats.Tlv, ContentFormats.SenmlJson, ContentFormats.SenmlCbor, ContentFormats.Lwm2mCbor })
        {
            if (!ContentEncoder.TryEncode(format, new Lwm2mPath(3, 0), Twenty, definitions, out var payload, out var reason))
                throw new InvalidOperationException(reason);
            twenty[format] = new UplinkEvent { Kind = EventKind.Notified, Path = "/3/0", Code = 0x45, ContentFormat = format, Payload = ByteString.CopyFrom(payload) };
        }
        device = new DecodeContext { RequestPath = new Lwm2mPath(3, 0), Definitions = definitions };
        temperature = new DecodeContext { RequestPath = new Lwm2mPath(3303, 0, 5700), Definitions = definitions };
    }

    [Benchmark]
    public int DecodeTlvDevice() => ContentDecoder.Decode(ContentFormats.Tlv, Device, device).Items.Count;

    [Benchmark]
    public int DecodeTlvResource() => ContentDecoder.Decode(ContentFormats.Tlv, Temperature, temperature).Items.Count;

    [Benchmark]
    public int DecodeTextResource() => ContentDecoder.Decode(ContentFormats.Text, "23.34"u8, temperature).Items.Count;

    [Benchmark]
    public int DecodeJsonResource() => ContentDecoder.Decode(ContentFormats.Json, DeviceJson, temperature).Items.Count;

    [Benchmark]
    public int EncodeTlvResource() =>
        ContentEncoder.TryEncode(ContentFormats.Tlv, new Lwm2mPath(3, 0, 13), Written, definitions, out var payload, out _)
            ? payload.Length
            : 0;

    /// <summary>20 resources, from the bytes of the device to the JSON of the event.</summary>
    [Benchmark]
    public int TlvOfTwentyToEvent() => ToEvent(ContentFormats.Tlv);

    [Benchmark]
    public int SenmlCborOfTwentyToEvent() => ToEvent(ContentFormats.SenmlCbor);

    [Benchmark]
    public int SenmlJsonOfTwentyToEvent() => ToEvent(ContentFormats.SenmlJson);

    [Benchmark]
    public int Lwm2mCborOfTwentyToEvent() => ToEvent(ContentFormats.Lwm2mCbor);

    /// <summary>The part of the above that is the codec's.</summary>
    [Benchmark]
    public int DecodeTlvOfTwenty() => Decode(ContentFormats.Tlv);

    [Benchmark]
    public int DecodeSenmlCborOfTwenty() => Decode(ContentFormats.SenmlCbor);

    [Benchmark]
    public int DecodeSenmlJsonOfTwenty() => Decode(ContentFormats.SenmlJson);

    [Benchmark]
    public int DecodeLwm2mCborOfTwenty() => Decode(ContentFormats.Lwm2mCbor);

    [Benchmark]
    public int EncodeSenmlCborOfTwenty() =>
        ContentEncoder.TryEncode(ContentFormats.SenmlCbor, new Lwm2mPath(3, 0), Twenty, definitions, out var payload, out _) ? payload.Length : 0;

    [Benchmark]
    public int ParseObjectList() => ObjectList.TryParse(Links, out var list, out _) ? list.Paths.Count : 0;

    [Benchmark]
    public bool ParsePath() => Lwm2mPath.TryParse("/3303/0/5700", out _);

    int ToEvent(ushort format) => EventJson.Write(Interpreter.Interpret(twenty[format], rules)).Length;

    int Decode(ushort format) => ContentDecoder.Decode(format, twenty[format].Payload.Span, device).Items.Count;

    static ResourceValue Of(string path, Lwm2mValue value) => new(Lwm2mPath.TryParse(path, out var parsed) ? parsed : default, value);
}
