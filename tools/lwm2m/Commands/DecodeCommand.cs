using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Tools.Decoding;
using Tools.Output;
using Tools.Traffic;

namespace Tools.Commands;

/// <summary><c>lwm2m decode</c>: a datagram, a payload or a record down to names and values.</summary>
static class DecodeCommand
{
    const int Undecodable = 1;
    const long LargestInput = 64 << 20;

    // By the last part of the topic's name.
    static readonly Dictionary<string, RecordKind> KindOfTopic = new()
    {
        ["uplink"] = RecordKind.Uplink,
        ["downlink"] = RecordKind.Downlink,
        ["sessions"] = RecordKind.Session,
        ["operations"] = RecordKind.Operation,
        ["registrations"] = RecordKind.Registration,
        ["capture"] = RecordKind.Capture,
    };

    static readonly Dictionary<string, RecordKind> Kinds =
        Enum.GetValues<RecordKind>().Where(kind => kind != RecordKind.Other).ToDictionary(kind => kind.ToString().ToLowerInvariant());

    static readonly Argument<string[]> Data = new("data")
    {
        Description = "The bytes in hexadecimal (blanks and colons do not matter) or base64; - reads them from the standard input.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    static readonly Option<FileInfo> FromFile = new("--file", "-f") { Description = "A file with the bytes, as they are or written as above." };
    static readonly Option<string> As = new("--as") { Description = $"What they are: {string.Join(", ", Kinds.Keys)}.", DefaultValueFactory = _ => "datagram" };
    static readonly Option<int?> Format = new("--format") { Description = "Content format of a payload, such as 11542; without: text/plain." };
    static readonly Option<string?> Topic = new("--topic") { Description = "Read the record from Kafka, from this topic, with or without its prefix." };
    static readonly Option<int> Partition = new("--partition") { Description = "Its partition." };
    static readonly Option<long> Offset = new("--offset") { Description = "Its offset." };
    static readonly Option<bool> AsJson = new("--json") { Description = "One line of JSON: `kind`, whether it is sound, the lines of the explanation, and of a datagram its `message`." };
    static readonly RuleSwitches Switches = new("Configuration that says where Kafka is.", "Folder of object definitions; without it those that the tool carries.");

    static readonly Option<Lwm2mPath?> Path = new("--path")
    {
        Description = "The path that a payload, an answer or a notification is about, such as /3303/0: it does not say itself.",
        CustomParser = ParsePath,
    };

    public static Command Create()
    {
        As.AcceptOnlyFromAmong([.. Kinds.Keys]);
        FromFile.AcceptExistingOnly();
        var command = new Command("decode", """
            Explain a CoAP datagram, a payload, or a record of Kafka, with the names of objects and resources.

            Examples:
              lwm2m decode 44 01 12 34 aa bb cc dd b1 33
              lwm2m decode --as payload --format 11542 --path /3303/0 e81644084035800000000000
              kcat -b localhost:9092 -C -t lwm2m.uplink -p 3 -o 17 -c 1 -D '' | lwm2m decode --as uplink -
              lwm2m decode -k localhost:9092 --topic uplink --partition 3 --offset 17
              lwm2m decode --json 44011234aabbccddb133 | jq .message.code

            Exit code: 0 it is what it should be, 1 it is not, 2 it could not be read.
            """)
        {
            Data, FromFile, As, Path, Format, KafkaSwitches.Servers, KafkaSwitches.Prefix, Topic, Partition, Offset, AsJson,
        };
        Switches.AddTo(command);
        command.Validators.Add(result =>
        {
            var given = new[] { result.GetValue(Data) is { Length: > 0 }, result.GetValue(FromFile) is not null, result.GetValue(Topic) is not null };
            if (given.Count(isGiven => isGiven) != 1)
                result.AddError("One of data, --file and --topic is needed.");
            if (result.GetValue(Data) is { Length: > 0 } data && data is not ["-"] && !WrittenBytes.TryParse(string.Concat(data), out _))
                result.AddError("The data must be an even number of hexadecimal digits, or base64.");
            if (result.GetValue(Format) is < 0 or > ushort.MaxValue)
                result.AddError("--format must be from 0 to 65535.");
            if (result.GetValue(Partition) < 0 || result.GetValue(Offset) < 0)
                result.AddError("--partition and --offset begin with 0.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    static Lwm2mPath? ParsePath(ArgumentResult result)
    {
        if (Lwm2mPath.TryParse(result.Tokens[0].Value, out var path))
            return path;
        result.AddError($"{result.Tokens[0].Value} is not a path such as /3303/0.");
        return null;
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var definitions = Switches.Definitions(arguments);
        var kind = Kinds[arguments.GetRequiredValue(As)];
        byte[]? value;
        if (arguments.GetValue(Topic) is { } topic)
        {
            var connection = KafkaSwitches.Connect(arguments, Switches.Configuration(arguments).Kafka);
            var name = topic.Contains('.', StringComparison.Ordinal) ? topic : $"{connection.Options.TopicPrefix}.{topic}";
            value = (await RecordAt.ReadAsync(connection, name, arguments.GetValue(Partition), arguments.GetValue(Offset), cancellation)).Value;
            kind = KindOfTopic.GetValueOrDefault(name[(name.LastIndexOf('.') + 1)..], RecordKind.Other);
        }
        else
        {
            value = await ReadAsync(arguments, cancellation);
        }

        if (value is null)
        {
            Console.WriteLine(arguments.GetValue(AsJson) ? Json(kind, true, ["a tombstone"], null) : "a tombstone");
            return 0;
        }

        var isSound = TryExplain(kind, value, arguments, definitions, out var lines);
        if (arguments.GetValue(AsJson))
            Console.WriteLine(Json(kind, isSound, lines, kind == RecordKind.Datagram && isSound ? MessageFields.Of(value) : null));
        foreach (var line in arguments.GetValue(AsJson) ? [] : lines)
            Console.WriteLine(line);
        return isSound ? 0 : Undecodable;
    }

    internal static string Json(RecordKind kind, bool isSound, IReadOnlyList<string> explanation, MessageFields? message) =>
        JsonSerializer.Serialize(new { Kind = kind, Sound = isSound, Explanation = explanation, Message = message }, OutputJson.Line);

    static bool TryExplain(RecordKind kind, byte[] value, ParseResult arguments, DefinitionCatalog definitions, out IReadOnlyList<string> lines)
    {
        switch (kind)
        {
            case RecordKind.Datagram:
                return DatagramExplanation.TryExplain(value, definitions, arguments.GetValue(Path), out lines);
            case RecordKind.Payload:
                var explained = new List<string>();
                lines = explained;
                return PayloadExplanation.TryExplain((ushort?)arguments.GetValue(Format), value, arguments.GetValue(Path) ?? default, definitions.For(null), explained);
            default:
                return RecordExplanation.TryExplain(kind, value, definitions, out lines);
        }
    }

    static async Task<byte[]> ReadAsync(ParseResult arguments, CancellationToken cancellation)
    {
        if (arguments.GetValue(FromFile) is { } file)
        {
            return file.Length <= LargestInput
                ? WrittenBytes.Of(await File.ReadAllBytesAsync(file.FullName, cancellation))
                : throw new IOException($"{file} is longer than any record.");
        }

        if (arguments.GetRequiredValue(Data) is not ["-"] and var data)
            return WrittenBytes.TryParse(string.Concat(data), out var written) ? written : [];
        await using var input = Console.OpenStandardInput();
        using var content = new MemoryStream();
        var buffer = new byte[4096];
        while (await input.ReadAsync(buffer, cancellation) is > 0 and var read)
        {
            content.Write(buffer, 0, read);
            if (content.Length > LargestInput)
                throw new IOException("The input is longer than any record.");
        }

        return WrittenBytes.Of(content.ToArray());
    }
}
