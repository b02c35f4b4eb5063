using System.Globalization;
using Contracts;
using Contracts.Configuration;
using Google.Protobuf;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Translator.Downlink;

namespace Translator.Uplink;

/// <summary>What is to be observed because a device has registered (<c>auto_observe</c>), as commands like any other.</summary>
internal static class AutoObservation
{
    // EMQX leaves these out of auto_observe = true.
    private static readonly HashSet<ushort> LeftOut = [0, 1, 2, 4, 5, 6, 7, 9, 15];

    // A device may list thousands; each observation takes room here and in its own queue.
    private const int MaxPaths = 128;

    /// <summary>None for any other event. Their ids are made of the event's, so that the event seen twice starts nothing twice.</summary>
    public static IReadOnlyList<DownlinkOperation> Of(UplinkEvent uplink, TranslationRules rules)
    {
        var wanted = rules.Lwm2m.AutoObserve;
        if (uplink is not { Kind: EventKind.Registered, Registration: { } registration } || wanted.Mode == AutoObserveMode.Off)
        {
            return [];
        }

        var definitions = rules.DefinitionsOf(uplink);
        var deadline = (long)(uplink.ReceivedNs / 1_000_000) + (long)rules.Options.CommandTtl.TotalMilliseconds;
        var version = NegotiatedVersion.Of(uplink.Lwm2MVersion).Version;
        var formats = AnnouncedFormats.Of([.. registration.Formats.Select(format => (ushort)format)]);
        var operations = new List<DownlinkOperation>();
        var paths = wanted.Mode == AutoObserveMode.All ? registration.ObjectList : wanted.Paths.Where(registration.ObjectList.Contains);
        foreach (var text in paths.Distinct())
        {
            if (operations.Count == MaxPaths)
            {
                break;
            }

            if (!Lwm2mPath.TryParse(text, out var path) || path.IsRoot || definitions.FindObject(path.ObjectId) is null
                || wanted.Mode == AutoObserveMode.All && LeftOut.Contains(path.ObjectId))
            {
                continue;
            }

            var operation = new DownlinkOperation
            {
                Schema = Contracts.Schema.Current,
                Endpoint = uplink.Endpoint,
                Kind = OperationKind.Observe,
                Path = path.ToString(),
                DeadlineMs = deadline,
                Automatic = true,
                Command = new CommandContext
                {
                    CommandId = string.Create(CultureInfo.InvariantCulture, $"auto-{new EventId(uplink.IdHigh, uplink.IdLow)}{path}"),
                    MsgType = "observe",
                    Echo = ByteString.CopyFromUtf8($$"""{"data":{"path":"{{path}}"},"is_auto_observe":true,"msgType":"observe"}"""),
                    ReqPath = path.ToString(),
                },
            };
            if (FormatChoice.TryChoose(FormatUse.Read, version, formats, null, path, [], out var format, out _) && format.Accept is { } accept)
            {
                operation.Accept = accept;
            }

            operations.Add(operation);
        }

        return operations;
    }
}
