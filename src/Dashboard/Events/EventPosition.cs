using System.Globalization;
using System.Text;

namespace Dashboard.Events;

/// <summary>
/// How far a stream has come, as its event ids say: <c>partition/offset</c>, for a stream of several partitions one for each, separated by commas.
/// </summary>
static class EventPosition
{
    /// <summary>Offsets by partition: the last that was sent.</summary>
    public static bool TryParse(string text, int partitions, out Dictionary<int, long> positions)
    {
        positions = [];
        foreach (var part in text.Split(','))
        {
            var slash = part.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0
                || !int.TryParse(part.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out var partition) || partition >= partitions
                || !long.TryParse(part.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset) || offset == long.MaxValue
                || !positions.TryAdd(partition, offset))
                return false;
        }

        return true;
    }

    /// <summary>Partitions that nothing has come from are left out.</summary>
    public static string Print(IReadOnlyList<long> positions)
    {
        var text = new StringBuilder();
        for (var i = 0; i < positions.Count; i++)
        {
            if (positions[i] >= 0)
                text.Append(text.Length > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{i}/{positions[i]}");
        }

        return text.ToString();
    }
}
