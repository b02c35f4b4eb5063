using System.Text.Json;

namespace Tools.Diffing;

/// <summary>One place where two JSON documents differ; null = it is not there.</summary>
readonly record struct JsonChange(string Path, string? Before, string? After)
{
    /// <summary>All of them. The order of members and the spelling of numbers and texts do not matter; the order of items does.</summary>
    public static IReadOnlyList<JsonChange> Between(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after)
    {
        if (before.Span.SequenceEqual(after.Span))
            return [];
        using var left = JsonDocument.Parse(before);
        using var right = JsonDocument.Parse(after);
        var changes = new List<JsonChange>();
        Compare("", left.RootElement, right.RootElement, changes);
        return changes;
    }

    public override string ToString() => (Before, After) switch
    {
        (null, _) => $"{Path}: + {After}",
        (_, null) => $"{Path}: - {Before}",
        _ => $"{Path}: {Before} -> {After}",
    };

    static void Compare(string path, JsonElement left, JsonElement right, List<JsonChange> changes)
    {
        if (left.ValueKind == JsonValueKind.Object && right.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in left.EnumerateObject())
                Compare(path, "." + member.Name, member.Value, right.TryGetProperty(member.Name, out var other) ? other : null, changes);
            foreach (var member in right.EnumerateObject().Where(member => !left.TryGetProperty(member.Name, out _)))
                Compare(path, "." + member.Name, null, member.Value, changes);
        }
        else if (left.ValueKind == JsonValueKind.Array && right.ValueKind == JsonValueKind.Array)
        {
            for (var i = 0; i < Math.Max(left.GetArrayLength(), right.GetArrayLength()); i++)
                Compare(path, $"[{i}]", i < left.GetArrayLength() ? left[i] : null, i < right.GetArrayLength() ? right[i] : null, changes);
        }
        else if (!JsonElement.DeepEquals(left, right))
        {
            changes.Add(new JsonChange(path.TrimStart('.'), left.GetRawText(), right.GetRawText()));
        }
    }

    static void Compare(string path, string step, JsonElement? left, JsonElement? right, List<JsonChange> changes)
    {
        if (left is { } before && right is { } after)
            Compare(path + step, before, after, changes);
        else
            changes.Add(new JsonChange((path + step).TrimStart('.'), left?.GetRawText(), right?.GetRawText()));
    }
}
