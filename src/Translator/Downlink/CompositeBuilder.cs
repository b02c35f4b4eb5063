using System.Text.Json;
using Contracts;
using Google.Protobuf;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;

namespace Translator.Downlink;

/// <summary>The composite commands: several paths in one request, at the root of the device's objects (LwM2M Core 1.1 sections 6.3.8, 6.3.9 and 6.4.4).</summary>
internal static class CompositeBuilder
{
    private const string Write = "write-composite";

    /// <summary>Whether commands of that msgType name several paths.</summary>
    public static bool Includes(string msgType) => msgType is "read-composite" or "observe-composite" or "cancel-observe-composite" or Write;

    public static (DownlinkOperation?, string?) Build(CommandJson json, TranslationRules rules, CommandedDevice device)
    {
        var msgType = json.Context.MsgType;
        if (device.ReasonAgainst(msgType, Lwm2mVersion.V11) is { } reason)
        {
            return RequestBuilder.Failed(reason);
        }

        if (!FormatName.TryRead(json.Data, out var named, out var problem))
        {
            return RequestBuilder.Failed(problem);
        }

        return msgType switch
        {
            "read-composite" => Ask(json.Data, OperationKind.Read, named, device),
            "observe-composite" => Ask(json.Data, OperationKind.Observe, named, device),
            "cancel-observe-composite" => Ask(json.Data, OperationKind.CancelObservation, named, device),
            _ => BuildWrite(json, rules, named, device),
        };
    }

    /// <summary>The paths as the command wrote them, for its outcome; what is too much, or no text, is left out.</summary>
    /// <param name="longest">Characters of one.</param>
    public static IEnumerable<string> WrittenPaths(string msgType, JsonElement data, int longest)
    {
        var isWrite = msgType == Write;
        if (!Includes(msgType) || !data.TryGetProperty(isWrite ? "content" : "paths", out var items) || items.ValueKind != JsonValueKind.Array)
        {
            yield break;
        }

        foreach (var item in items.EnumerateArray().Take(PathList.MaxPaths))
        {
            var text = isWrite && item.ValueKind == JsonValueKind.Object && item.TryGetProperty("path", out var path) ? path : item;
            if (text.ValueKind == JsonValueKind.String && text.GetString() is { } written && written.Length <= longest)
            {
                yield return written;
            }
        }
    }

    private static (DownlinkOperation?, string?) Ask(JsonElement data, OperationKind kind, ushort? named, CommandedDevice device)
    {
        if (!TryReadPaths(data, out var paths, out var problem))
        {
            return RequestBuilder.Failed(problem);
        }

        if (!device.TryChoose(FormatUse.ReadComposite, named, default, [], out var format, out var unfit)
            || !CompositePaths.TryEncode(format.ContentFormat!.Value, paths, out var payload, out unfit))
        {
            return RequestBuilder.Failed(unfit);
        }

        var operation = Of(kind, paths, format.ContentFormat!.Value, payload);
        if (format.Accept is { } accept)
        {
            operation.Accept = accept;
        }

        // Those that make sense for an object make sense for everything.
        return kind == OperationKind.Observe && ObserveAttributes.Add(operation, data, new Lwm2mPath(0), device) is { } reason
            ? RequestBuilder.Failed(reason)
            : (operation, null);
    }

    private static bool TryReadPaths(JsonElement data, out List<Lwm2mPath> paths, out string problem)
    {
        paths = [];
        if (!data.TryGetProperty("paths", out var items) || items.ValueKind != JsonValueKind.Array)
        {
            problem = "paths is missing";
            return false;
        }

        problem = WrongCount(items.GetArrayLength(), "paths") ?? "";
        if (problem.Length > 0)
        {
            return false;
        }

        foreach (var item in items.EnumerateArray())
        {
            var text = item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetRawText();
            if (item.ValueKind != JsonValueKind.String || !RequestTarget.TryParse(text, out var target) || target.Query.Count > 0)
            {
                problem = $"{RequestBuilder.Shortened(text)} is no path of up to four numbers";
                return false;
            }

            paths.Add(target.Path);
        }

        problem = Repeated(paths) ?? "";
        paths.Sort();
        return problem.Length == 0;
    }

    private static (DownlinkOperation?, string?) BuildWrite(CommandJson json, TranslationRules rules, ushort? named, CommandedDevice device)
    {
        if (json.Data.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Array
            && WrongCount(content.GetArrayLength(), "values") is { } wrong)
        {
            return RequestBuilder.Failed(wrong);
        }

        var reader = new ValueReader(json, rules, device.Definitions, IsCreate: false, named) { MayRemove = true };
        if (reader.ReadAll(json.Data, default, out var problem) is not { } values)
        {
            return RequestBuilder.Failed(problem);
        }

        if ((Repeated([.. values.Select(value => value.Path)]) ?? ReasonAgainst(values, device)) is { } reason)
        {
            return RequestBuilder.Failed(reason);
        }

        return device.TryChoose(FormatUse.WriteComposite, named, default, values, out var format, out var unfit)
            && ContentEncoder.TryEncode(format.ContentFormat!.Value, default, values, device.Definitions, out var payload, out unfit)
                ? (Of(OperationKind.WriteComposite, values.Select(value => value.Path), format.ContentFormat!.Value, payload), null)
                : RequestBuilder.Failed(unfit);
    }

    // What is taken away is an instance of a resource (LwM2M Core 1.2 section 6.3.9).
    private static string? ReasonAgainst(List<ResourceValue> values, in CommandedDevice device)
    {
        foreach (var (path, value) in values)
        {
            if (value.Type != ResourceType.None)
            {
                continue;
            }

            var reason = path.Depth == 4 ? device.ReasonAgainst("a value of null", Lwm2mVersion.V12) : $"{path}: a value of null is for resource instances";
            if (reason is not null)
            {
                return reason;
            }
        }

        return null;
    }

    private static DownlinkOperation Of(OperationKind kind, IEnumerable<Lwm2mPath> paths, ushort format, byte[] payload) => new()
    {
        Kind = kind,
        Path = PathList.Format(paths),
        ContentFormat = format,
        Payload = UnsafeByteOperations.UnsafeWrap(payload),
    };

    private static string? WrongCount(int count, string what) => count switch
    {
        0 => $"there are no {what}",
        > PathList.MaxPaths => $"more than {PathList.MaxPaths} {what}",
        _ => null,
    };

    private static string? Repeated(List<Lwm2mPath> paths)
    {
        var seen = new HashSet<Lwm2mPath>(paths.Count);
        foreach (var path in paths)
        {
            if (!seen.Add(path))
            {
                return $"the path {path} is given twice";
            }
        }

        return null;
    }
}
