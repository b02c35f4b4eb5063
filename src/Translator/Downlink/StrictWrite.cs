using System.Globalization;
using System.Text.RegularExpressions;
using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Values;

namespace Translator.Downlink;

/// <summary>What a definition says against a write, where <c>translator.strict_writes</c> asks for it.</summary>
internal static partial class StrictWrite
{
    /// <summary>One sentence; null where the definition allows the value.</summary>
    public static string? ReasonAgainst(ResourceDefinition? definition, ResourceType type, in Lwm2mValue value, bool isCreate)
    {
        if (definition is null)
        {
            return "strict: no definition of this resource";
        }

        if (definition.Type != type)
        {
            return $"strict: {definition.Name} is {ResourceTypeName.Of(definition.Type)}, not {ResourceTypeName.Of(type)}";
        }

        // A new instance is given its read-only values too.
        if (!isCreate && !definition.Operations.HasFlag(ResourceOperations.Write))
        {
            return $"strict: {definition.Name} cannot be written";
        }

        return NumberOf(value) is { } number && Bounds().Match(definition.Range) is { Success: true } range
            && (number < Bound(range, 1) || number > Bound(range, 2))
            ? $"strict: {definition.Name} is {definition.Range}"
            : null;
    }

    private static double? NumberOf(in Lwm2mValue value) => value.Type switch
    {
        ResourceType.Integer or ResourceType.Time => value.Number,
        ResourceType.UnsignedInteger => value.UnsignedNumber,
        ResourceType.Float => value.Real,
        _ => null,
    };

    private static double Bound(Match range, int group) => double.Parse(range.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    // "0-100", "-10..10", "1 to 5"; other wordings are for people only.
    [GeneratedRegex(@"^\s*(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)\s*(?:-|\.\.|to)\s*(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Bounds();
}
