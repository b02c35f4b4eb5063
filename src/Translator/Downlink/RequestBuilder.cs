using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Contracts;
using Google.Protobuf;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Formats;

namespace Translator.Downlink;

/// <summary>What each msgType asks of the device.</summary>
internal static class RequestBuilder
{
    public static bool TryBuild(
        CommandJson json,
        IncomingCommand incoming,
        TranslationRules rules,
        RegistrationRecord? registration,
        [NotNullWhen(true)] out DownlinkOperation? operation,
        [NotNullWhen(false)] out string? problem)
    {
        var data = json.Data;
        (operation, problem) = json.Context.MsgType switch
        {
            "read" => Read(data, OperationKind.Read),
            "observe" => Read(data, OperationKind.Observe),
            "cancel-observe" => Read(data, OperationKind.CancelObservation),
            "discover" => Discover(data),
            "write" => WriteBuilder.Build(json, rules, rules.DefinitionsOf(registration)),
            "create" => WriteBuilder.BuildCreate(json, rules, rules.DefinitionsOf(registration)),
            "write-attr" => WriteAttributes(data),
            "execute" => Execute(data),
            "delete" => OnPath(data, OperationKind.Delete, least: 1),
            "kick" or "cancel" when incoming.MqttTopic is not null => Failed($"{json.Context.MsgType} is not taken from MQTT"),
            "kick" => (new DownlinkOperation { Kind = OperationKind.Kick }, null),
            "cancel" => Cancel(data),
            var unknown => Failed($"msgType {unknown} is not known"),
        };
        return operation is not null;
    }

    internal static (DownlinkOperation? Operation, string? Problem) Failed(string problem) => (null, problem);

    /// <summary>The path of a command, not empty; its query apart.</summary>
    internal static RequestTarget? TargetOf(JsonElement data, string name, out string problem)
    {
        problem = "";
        if (CommandJson.TextOf(data, name) is not { Length: > 0 } text)
        {
            problem = $"{name} is missing";
        }
        else if (!RequestTarget.TryParse(text, out var target))
        {
            problem = $"{Shortened(text)} is no path of up to four numbers";
        }
        else
        {
            return target;
        }

        return null;
    }

    internal static DownlinkOperation Of(OperationKind kind, RequestTarget target, IEnumerable<string>? query = null)
    {
        var operation = new DownlinkOperation { Kind = kind, Path = target.Path.ToString() };
        operation.Queries.AddRange(query ?? target.Query);
        return operation;
    }

    internal static string Shortened(string text) => text.Length <= 64 ? text : text[..64] + "...";

    private static (DownlinkOperation?, string?) OnPath(JsonElement data, OperationKind kind, int least)
    {
        if (TargetOf(data, "path", out var problem) is not { } target)
        {
            return Failed(problem);
        }

        return target.Path.Depth >= least ? (Of(kind, target), null) : Failed($"{kind} needs a path of at least {least} numbers");
    }

    private static (DownlinkOperation?, string?) Read(JsonElement data, OperationKind kind)
    {
        if (!FormatName.TryRead(data, out var format, out var unusable))
        {
            return Failed(unusable);
        }

        var (operation, problem) = OnPath(data, kind, least: 0);
        if (operation is not null && format is { } accept)
        {
            operation.Accept = accept;
        }

        return (operation, problem);
    }

    private static (DownlinkOperation?, string?) Discover(JsonElement data)
    {
        var (operation, problem) = OnPath(data, OperationKind.Discover, least: 0);
        if (operation is not null)
        {
            operation.Accept = ContentFormats.LinkFormat;
        }

        return (operation, problem);
    }

    private static (DownlinkOperation?, string?) Execute(JsonElement data)
    {
        if (TargetOf(data, "path", out var problem) is not { } target)
        {
            return Failed(problem);
        }

        if (target.Path.Depth != 3)
        {
            return Failed("only a resource can be executed");
        }

        var arguments = "";
        if (data.TryGetProperty("args", out var args) && args.ValueKind != JsonValueKind.Null)
        {
            if (args.ValueKind != JsonValueKind.String)
            {
                return Failed("args must be a string");
            }

            arguments = args.GetString()!;
        }

        var operation = Of(OperationKind.Execute, target);
        operation.ContentFormat = ContentFormats.Text;
        operation.Payload = ByteString.CopyFrom(arguments == "undefined" ? "" : arguments, Encoding.UTF8);
        return (operation, null);
    }

    // The attributes take the place of the path's own query, in key order.
    private static (DownlinkOperation?, string?) WriteAttributes(JsonElement data)
    {
        if (TargetOf(data, "path", out var problem) is not { } target)
        {
            return Failed(problem);
        }

        if (!AttributeQuery.TryRead(data, out var query, out problem))
        {
            return Failed(problem);
        }

        // Without attributes the same request would be a write of nothing.
        return query.Count == 0 ? Failed("no attribute is given") : (Of(OperationKind.WriteAttributes, target, query), null);
    }

    private static (DownlinkOperation?, string?) Cancel(JsonElement data) =>
        CommandJson.TextOf(data, "command_id") is { Length: > 0 } id
            ? (new DownlinkOperation { Kind = OperationKind.Cancel, TargetCommandId = id }, null)
            : Failed("command_id is missing");
}
