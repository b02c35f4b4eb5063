using Contracts;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Links;

namespace Translator.Uplink;

/// <summary>What an uplink event says, with its values typed; not yet JSON.</summary>
internal sealed record Interpretation
{
    public required UplinkEvent Event { get; init; }

    /// <summary>The rules that it was read by, and must be shaped by.</summary>
    public required TranslationRules Rules { get; init; }

    /// <summary>CoAP code to report; null where the event has none.</summary>
    public byte? Code { get; init; }

    /// <summary>Values, of answers that carry some.</summary>
    public IReadOnlyList<DecodedItem>? Content { get; init; }

    /// <summary>Of the answer to a discover.</summary>
    public IReadOnlyList<CoreLink>? Links { get; init; }

    /// <summary>One sentence, where we found the error.</summary>
    public string? Reason { get; init; }

    /// <summary>The payload is none that its content format, path and definitions allow.</summary>
    public bool IsUndecodable { get; init; }

    public ContentFaults Faults
    {
        get
        {
            var values = 0;
            for (var i = 0; i < Content?.Count; i++)
            {
                values += Content[i].Note is null ? 0 : 1;
            }

            return new ContentFaults(IsUndecodable, values);
        }
    }
}
