using System.Text.Json;
using Contracts;
using Google.Protobuf;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;

namespace Translator.Downlink;

/// <summary>Writes and creates: the operations that carry values.</summary>
internal static class WriteBuilder
{
    public static (DownlinkOperation?, string?) Build(CommandJson json, TranslationRules rules, CommandedDevice device)
    {
        var data = json.Data;
        var isBatch = CommandJson.TextOf(data, "basePath") is { } basePath && basePath is not ("" or "/");
        if (RequestBuilder.TargetOf(data, isBatch ? "basePath" : "path", out var problem) is not { } target)
        {
            return RequestBuilder.Failed(problem);
        }

        var depth = target.Path.Depth;
        if (isBatch ? depth is not (2 or 3) : depth is not (3 or 4))
        {
            return RequestBuilder.Failed(
                isBatch ? "basePath must name an instance or a resource" : "path must name a resource or an instance of one");
        }

        // EMQX's choice where none is named: an instance is updated, a resource replaced (LwM2M Core 1.1 section 6.3.3).
        OperationKind? kind = (CommandJson.TextOf(data, "mode"), depth) switch
        {
            ("replace", _) => OperationKind.WriteReplace,
            ("update", _) => OperationKind.WriteUpdate,
            (null, 2) => OperationKind.WriteUpdate,
            (null, _) => OperationKind.WriteReplace,
            _ => null,
        };
        if (kind is null)
        {
            return RequestBuilder.Failed("mode is neither replace nor update");
        }

        if (!FormatName.TryRead(data, out var format, out problem))
        {
            return RequestBuilder.Failed(problem);
        }

        var reader = new ValueReader(json, rules, device.Definitions, IsCreate: false, format);
        List<ResourceValue>? values;
        if (isBatch)
        {
            values = reader.ReadAll(data, target.Path, out problem);
        }
        else
        {
            values = reader.Read(data, target.Path, default, out problem) is { } value ? [new ResourceValue(default, value)] : null;
        }

        return values is null ? RequestBuilder.Failed(problem) : Encode(kind.Value, target, values, device, format);
    }

    public static (DownlinkOperation?, string?) BuildCreate(CommandJson json, TranslationRules rules, CommandedDevice device)
    {
        if (RequestBuilder.TargetOf(json.Data, "basePath", out var problem) is not { } target)
        {
            return RequestBuilder.Failed(problem);
        }

        if (target.Path.Depth != 1)
        {
            return RequestBuilder.Failed("basePath must name an object");
        }

        if (!FormatName.TryRead(json.Data, out var format, out problem))
        {
            return RequestBuilder.Failed(problem);
        }

        return new ValueReader(json, rules, device.Definitions, IsCreate: true, format).ReadAll(json.Data, target.Path, out problem) is { } values
            ? Encode(OperationKind.Create, target, values, device, format)
            : RequestBuilder.Failed(problem);
    }

    private static (DownlinkOperation?, string?) Encode(
        OperationKind kind, RequestTarget target, List<ResourceValue> values, CommandedDevice device, ushort? named)
    {
        var use = kind == OperationKind.Create ? FormatUse.Create : FormatUse.Write;
        if (!device.TryChoose(use, named, target.Path, values, out var chosen, out var problem)
            || !ContentEncoder.TryEncode(chosen.ContentFormat!.Value, target.Path, values, device.Definitions, out var payload, out problem))
        {
            return RequestBuilder.Failed(problem);
        }

        var operation = RequestBuilder.Of(kind, target);
        operation.ContentFormat = chosen.ContentFormat!.Value;
        operation.Payload = UnsafeByteOperations.UnsafeWrap(payload);
        return (operation, null);
    }
}
