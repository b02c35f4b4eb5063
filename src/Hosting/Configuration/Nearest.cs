namespace Hosting.Configuration;

/// <summary>The right name that someone who wrote a wrong one most likely meant.</summary>
internal static class Nearest
{
    /// <summary>The nearest of the candidates, or null where none is near (one slip in three letters).</summary>
    public static string? Of(string written, IEnumerable<string> candidates)
    {
        // Longer than any key: not a slip of the pen, and the table below would be large.
        if (written.Length > 100)
            return null;
        string? best = null;
        var least = Math.Max(1, written.Length / 3) + 1;
        foreach (var candidate in candidates)
        {
            var distance = Distance(written.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance >= least)
                continue;
            least = distance;
            best = candidate;
        }

        return best;
    }

    // Insertions, deletions, exchanges and swaps of neighbours (optimal string alignment).
    static int Distance(string a, string b)
    {
        var table = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            table[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            table[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                table[i, j] = Math.Min(Math.Min(table[i - 1, j] + 1, table[i, j - 1] + 1), table[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
            }
        }

        return table[a.Length, b.Length];
    }
}
