using System.Diagnostics.Metrics;
using System.Text;
using Contracts;
using Contracts.Configuration;
using Google.Protobuf;
using Messaging;
using Microsoft.Extensions.DependencyInjection;
using Pipeline.Tests.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Translator;
using Translator.Downlink;

namespace Pipeline.Tests.Translator;

/// <summary>What the tests of the Translator start from: a device e1 with the shipped definitions and EMQX's example topics.</summary>
internal static class Given
{
    public const long Now = 1_700_000_000_000;

    public static readonly GatewayConfiguration Configuration = new();

    private static readonly Lazy<DefinitionCatalog> s_definitions = new(() =>
    {
        var folder = new DefinitionFolder(Repository.ShippedDefinitions);
        folder.Reload();
        return folder.Catalog;
    });

    public static DefinitionCatalog Definitions => s_definitions.Value;

    public static TranslationRules Rules { get; } = new(Configuration, Definitions);

    public static TranslatorTelemetry Telemetry { get; } =
        new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());

    public static ClientIdentity Client =>
        new() { Clientid = "e1", Username = "e1", Peerhost = "127.0.0.1", Zone = "default", Listener = "udp:default" };

    public static TranslationRules With(Func<Lwm2mOptions, Lwm2mOptions>? lwm2m = null, TranslatorOptions? options = null) =>
        new(Configuration with { Lwm2m = (lwm2m ?? (same => same))(Configuration.Lwm2m), Translator = options ?? Configuration.Translator }, Definitions);

    public static UplinkEvent Uplink(EventKind kind, Action<UplinkEvent>? set = null)
    {
        var uplink = new UplinkEvent
        {
            Schema = 1,
            IdHigh = 0x0123456789abcdef,
            IdLow = 0xfedcba9876543210,
            Kind = kind,
            Endpoint = "e1",
            Client = Client,
            RegistrationId = "r1",
            AlternatePath = "/",
            ReceivedNs = Now * 1_000_000UL,
        };
        set?.Invoke(uplink);
        return uplink;
    }

    /// <summary>The answer of the device to a command, as the Translator itself would have made its context.</summary>
    public static UplinkEvent Answer(string command, byte code, int? format = null, string payload = "", Action<UplinkEvent>? set = null) =>
        Uplink(EventKind.Outcome, uplink =>
        {
            uplink.Outcome = Outcome.Answered;
            uplink.Command = Context(command);
            uplink.Path = uplink.Command.ReqPath.TrimEnd('/') is { Length: > 0 } path ? path : "/";
            uplink.Code = code;
            uplink.Payload = ByteString.CopyFrom(Convert.FromHexString(payload));
            if (format is { } known)
            {
                uplink.ContentFormat = (uint)known;
            }

            set?.Invoke(uplink);
        });

    public static CommandContext Context(string command)
    {
        using var json = CommandJson.Read(Incoming(command));
        return json.Context;
    }

    public static IncomingCommand Incoming(string json) =>
        new() { Endpoint = "e1", CommandId = "c1", Json = Encoding.UTF8.GetBytes(json), WrittenMs = Now };

    public static RegistrationRecord Registration(ulong number = 1, string state = "live", string endpoint = "e1", int slot = 0, string id = "r1") => new()
    {
        Endpoint = endpoint,
        RegistrationId = id,
        Number = number,
        Slot = slot,
        Epoch = 5,
        State = state,
        Peer = "127.0.0.1:50000",
        Lifetime = 300,
        RegisteredAt = Now,
        UpdatedAt = Now,
        Lwm2mVersion = "1.0",
        Binding = "U",
        QueueMode = false,
        AlternatePath = "/",
        Objects = ["/3/0"],
        Versions = new Dictionary<string, string>(),
        Client = RegisteredClient.From(Client),
    };

    /// <summary>Of a device of that version of LwM2M, which announces those content formats.</summary>
    public static RegistrationRecord Registration(string version, string announced) => Registration() with
    {
        Lwm2mVersion = version,
        Formats = [.. Protocol.Lwm2m.Formats.AnnouncedFormats.Parse(announced).All],
    };

    public static LogRecord Record(string topic, string key, byte[]? value, long offset = 0, int partition = 0, params RecordHeader[] headers) =>
        new(topic, partition, offset, Encoding.UTF8.GetBytes(key), value, headers, Now);

    public static string Text(byte[] utf8) => Encoding.UTF8.GetString(utf8);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
