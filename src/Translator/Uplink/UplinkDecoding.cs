using Contracts;
using Google.Protobuf;

namespace Translator.Uplink;

/// <summary>The value of a record; null is a tombstone.</summary>
internal sealed record LogBytes(byte[]? Value);

/// <summary>From bytes to an event that can be worked with.</summary>
internal static class UplinkDecoding
{
    public static Staged<UplinkEvent> Decode(Staged<LogBytes> item)
    {
        UplinkEvent uplink;
        try
        {
            uplink = UplinkEvent.Parser.ParseFrom(item.Value!.Value ?? []);
        }
        catch (InvalidProtocolBufferException malformed)
        {
            return Poison(item, malformed.Message);
        }

        return ReasonAgainst(uplink) is { } reason ? Poison(item, reason) : item.On(uplink);
    }

    private static string? ReasonAgainst(UplinkEvent uplink) => uplink switch
    {
        { Schema: > Schema.Current } => $"schema {uplink.Schema} is newer than this version",
        { Endpoint.Length: 0 } => "no endpoint",
        { Kind: EventKind.Unspecified or > EventKind.DtlsFailed } => $"kind {uplink.Kind} is not known",
        { Kind: EventKind.Outcome, Outcome: Outcome.Unspecified or > Outcome.Cancelled } => $"outcome {uplink.Outcome} is not known",
        { Kind: EventKind.Outcome or EventKind.Acknowledged, Command: null } => "an outcome of no command",
        { Code: > byte.MaxValue } => $"code {uplink.Code} is none of CoAP",
        _ => null,
    };

    private static Staged<UplinkEvent> Poison(Staged<LogBytes> item, string reason) =>
        item.End<UplinkEvent>(new Ending("decode", reason, Poison: true));
}
