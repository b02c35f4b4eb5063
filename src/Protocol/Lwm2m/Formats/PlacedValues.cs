using System.Diagnostics.CodeAnalysis;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>Values of a command at their whole paths, as the formats that name paths want them.</summary>
static class PlacedValues
{
    /// <param name="multiple">The request names a resource that is known as a multiple one.</param>
    /// <param name="removes">Whether a value of None, which takes away what is there, can be written.</param>
    internal static bool TryPlace(
        Lwm2mPath basePath, IReadOnlyList<ResourceValue> values, bool multiple, bool removes,
        out List<TimedValue> placed, [NotNullWhen(false)] out string? reason)
    {
        placed = new List<TimedValue>(values.Count);
        // One value for a resource is the resource itself, whatever its path says, unless that is known as a multiple one.
        if (basePath.Depth == 3 && values.Count == 1 && !multiple)
            values = [values[0] with { Path = default }];
        foreach (var (path, value) in values)
        {
            if (basePath.Depth == 1 && path.Depth == 1)
            {
                reason = "only tlv can leave the number of the instance to the device";
                return false;
            }
            if (!basePath.TryAppend(path, out var full) || full.Depth < 3 || value.Type == ResourceType.None && !removes)
            {
                reason = $"the path {path} of the content does not name a value below {basePath}";
                return false;
            }
            placed.Add(new TimedValue(full, value));
        }
        return TrySettle(ref placed, out reason);
    }

    /// <summary>A value that comes twice counts the last time; false where a resource has a value and instances.</summary>
    internal static bool TrySettle(ref List<TimedValue> placed, [NotNullWhen(false)] out string? reason)
    {
        reason = null;
        if (placed.Count < 2)
            return true;
        var seen = new HashSet<(Lwm2mPath, long?)>(placed.Count);
        var last = new List<TimedValue>(placed.Count);
        for (var i = placed.Count - 1; i >= 0; i--)
        {
            if (seen.Add((placed[i].Path, placed[i].Timestamp)))
                last.Add(placed[i]);
        }
        last.Reverse();
        placed = last;
        foreach (var value in last)
        {
            if (value.Path.Depth == 4 && seen.Contains((value.Path.Take(3), value.Timestamp)))
            {
                reason = $"the path {value.Path} of the content is given as one value and as several";
                return false;
            }
        }
        return true;
    }
}
