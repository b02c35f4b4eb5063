using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Contracts;
using Google.Protobuf;

namespace Translator.Downlink;

/// <summary>The JSON of a command, understood as far as all commands are alike. Holds pooled memory: dispose it.</summary>
internal sealed class CommandJson : IDisposable
{
    /// <summary>Bytes: as much as Kafka takes, so that the largest body that block-wise transfer allows by default (4 MB) fits as base64.</summary>
    public const int MaxSize = 6 * 1024 * 1024;

    public const int MaxDepth = 32;

    // Longer ones cannot be right, and the context stays small.
    private const int MaxName = 512;

    private readonly JsonDocument? _document;

    private CommandJson(JsonDocument? document, CommandContext context)
    {
        _document = document;
        Context = context;
    }

    /// <summary>What an outcome repeats, as much of it as could be understood.</summary>
    public CommandContext Context { get; }

    /// <summary>One sentence, where this is no command; then <see cref="Data"/> must not be used.</summary>
    public string? Problem { get; private init; }

    public JsonElement Data { get; private init; }

    /// <summary>Values are given as hexadecimal digits.</summary>
    public bool IsHex { get; private init; }

    /// <summary>"mheaders": {"ttl": 0}: does not wait for a device that sleeps.</summary>
    public bool IsImmediate { get; private init; }

    public static CommandJson Read(IncomingCommand incoming)
    {
        var context = new CommandContext
        {
            CommandId = incoming.CommandId,
            ResponseTopic = incoming.ResponseTopic,
            CorrelationData = ByteString.CopyFrom(incoming.Correlation),
        };
        if (!TryParse(incoming.Json, out var document, out var problem))
        {
            return new CommandJson(null, context) { Problem = problem };
        }

        try
        {
            return Read(document, context, incoming);
        }
        catch (InvalidOperationException)
        {
            // Text with a lone surrogate: JSON by its grammar, and still no text.
            document.Dispose();
            return new CommandJson(null, context) { Problem = "not JSON: a string is not Unicode text" };
        }
    }

    public void Dispose() => _document?.Dispose();

    /// <summary>The text of a member of an object; null where it is missing or no string.</summary>
    public static string? TextOf(JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static CommandJson Read(JsonDocument document, CommandContext context, IncomingCommand incoming)
    {
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            return new CommandJson(document, context) { Problem = "not a JSON object" };
        }

        var fits = CommandEcho.TryWrite(root, out var echo, out var truncated);
        context.Echo = UnsafeByteOperations.UnsafeWrap(echo);
        context.Truncated = truncated;
        context.MsgType = TextOf(root, "msgType") is { Length: <= MaxName } msgType ? msgType : "";
        var hasData = root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object;
        context.ReqPath = hasData ? PathOf(data) : "";
        if (hasData)
        {
            context.ReqPaths.Add(CompositeBuilder.WrittenPaths(context.MsgType, data, MaxName));
        }

        return new CommandJson(document, context)
        {
            Problem = incoming.HeaderProblem ?? (fits, context.MsgType.Length, hasData) switch
            {
                (false, _, _) => $"more than {CommandEcho.MaxSize} bytes beside data",
                (_, 0, _) => "msgType is missing, or no name",
                (_, _, false) => "data is missing",
                _ => null,
            },
            Data = data,
            IsHex = TextOf(root, "encoding") == "hex",
            IsImmediate = root.TryGetProperty("mheaders", out var headers) && headers.ValueKind == JsonValueKind.Object
                && headers.TryGetProperty("ttl", out var ttl) && ttl.ValueKind == JsonValueKind.Number
                && ttl.TryGetDecimal(out var number) && number == 0,
        };
    }

    private static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out JsonDocument? document, out string problem)
    {
        document = null;
        problem = "";
        if (json.Length > MaxSize)
        {
            problem = $"more than {MaxSize} bytes";
        }
        else if (!Utf8.IsValid(json.Span))
        {
            problem = "not JSON: not UTF-8";
        }
        else
        {
            try
            {
                document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
                return true;
            }
            catch (JsonException malformed)
            {
                problem = $"not JSON: {malformed.Message}";
            }
        }

        return false;
    }

    // What the answer shows as reqPath: without the query, otherwise as it was written.
    private static string PathOf(JsonElement data)
    {
        var path = TextOf(data, "path") ?? TextOf(data, "basePath") ?? TextOf(data, "reqPath") ?? "";
        var query = path.IndexOf('?', StringComparison.Ordinal);
        path = query < 0 ? path : path[..query];
        return path.Length <= MaxName ? path : "";
    }
}
