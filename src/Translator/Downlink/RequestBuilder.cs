using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Contracts;
using Google.Protobuf;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;

namespace Translator.Downlink;

/// <summary>What each msgType asks of the device.</summary>
internal static class RequestBuilder
{
    // Of a Discover: as far below its path as there are levels (LwM2M Core 1.2 section 6.3.2).
    private const int MaxDepth = 3;

    public static bool TryBuild(
        CommandJson json,
        IncomingCommand incoming,
        TranslationRules rules,
        RegistrationRecord? registration,
        [NotNullWhen(true)] out DownlinkOperation? operation,
        [NotNullWhen(false)] out string? problem)
    {
        var data = json.Data;
        var device = CommandedDevice.Of(registration, rules);
        (operation, problem) = json.Context.MsgType switch
        {
            "read" => Read(data, OperationKind.Read, device),
            "observe" => Read(data, OperationKind.Observe, device),
            "cancel-observe" => Read(data, OperationKind.CancelObservation, device),
            "discover" => Discover(data, device),
            "write" => WriteBuilder.Build(json, rules, device),
            "create" => WriteBuilder.BuildCreate(json, rules, device),
            "write-attr" => WriteAttributes(data, device),
            "execute" => Execute(data),
            "delete" => Delete(data, device),
            var composite when CompositeBuilder.Includes(composite) => CompositeBuilder.Build(json, rules, device),
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

    private static (DownlinkOperation?, string?) Read(JsonElement data, OperationKind kind, CommandedDevice device)
    {
        if (!FormatName.TryRead(data, out var named, out var problem) || TargetOf(data, "path", out problem) is not { } target)
        {
            return Failed(problem);
        }

        if (!device.TryChoose(FormatUse.Read, named, target.Path, [], out var format, out var unfit))
        {
            return Failed(unfit);
        }

        var operation = Of(kind, target);
        if (format.Accept is { } accept)
        {
            operation.Accept = accept;
        }

        return kind == OperationKind.Observe && ObserveAttributes.Add(operation, data, target.Path, device) is { } reason
            ? Failed(reason)
            : (operation, null);
    }

    private static (DownlinkOperation?, string?) Delete(JsonElement data, CommandedDevice device)
    {
        if (TargetOf(data, "path", out var problem) is not { } target)
        {
            return Failed(problem);
        }

        return target.Path.Depth switch
        {
            0 => Failed("Delete needs a path of at least 1 number"),
            4 when device.ReasonAgainst("delete of a resource instance", Lwm2mVersion.V12) is { } reason => Failed(reason),
            _ => (Of(OperationKind.Delete, target), null),
        };
    }

    private static (DownlinkOperation?, string?) Discover(JsonElement data, CommandedDevice device)
    {
        if (TargetOf(data, "path", out var problem) is not { } target)
        {
            return Failed(problem);
        }

        var operation = Of(OperationKind.Discover, target);
        operation.Accept = ContentFormats.LinkFormat;
        if (!data.TryGetProperty("depth", out var depth) || depth.ValueKind == JsonValueKind.Null)
        {
            return (operation, null);
        }

        if (depth.ValueKind != JsonValueKind.Number || !depth.TryGetInt32(out var levels) || levels is < 0 or > MaxDepth)
        {
            return Failed($"depth is not a number from 0 to {MaxDepth}");
        }

        operation.Queries.Add(string.Create(CultureInfo.InvariantCulture, $"depth={levels}"));
        return device.ReasonAgainst("discover with a depth", Lwm2mVersion.V12) is { } reason ? Failed(reason) : (operation, null);
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
    private static (DownlinkOperation?, string?) WriteAttributes(JsonElement data, CommandedDevice device)
    {
        if (TargetOf(data, "path", out var problem) is not { } target || !AttributeQuery.TryRead(data, out var attributes, out problem))
        {
            return Failed(problem);
        }

        // Without attributes the same request would be a write of nothing.
        if (attributes.IsEmpty)
        {
            return Failed("no attribute is given");
        }

        return device.ReasonAgainst(attributes, target.Path) is { } reason
            ? Failed(reason)
            : (Of(OperationKind.WriteAttributes, target, attributes.ToQuery()), null);
    }

    private static (DownlinkOperation?, string?) Cancel(JsonElement data) =>
        CommandJson.TextOf(data, "command_id") is { Length: > 0 } id
            ? (new DownlinkOperation { Kind = OperationKind.Cancel, TargetCommandId = id }, null)
            : Failed("command_id is missing");
}
