using System.Globalization;

namespace Tools.Load;

/// <summary>Reads the text format of Prometheus as far as needed.</summary>
static class MetricSample
{
    /// <summary>The sum of all series of a metric; null where there is none.</summary>
    public static double? Sum(string metrics, string name)
    {
        double? sum = null;
        foreach (var line in metrics.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith(name, StringComparison.Ordinal))
                continue;
            var rest = line[name.Length..];
            if (rest.StartsWith('{'))
                rest = rest[(rest.LastIndexOf('}') + 1)..];
            else if (!rest.StartsWith(' '))
                continue;
            // A time may follow the value.
            rest = rest.TrimStart();
            var end = rest.IndexOf(' ');
            if (double.TryParse(end < 0 ? rest : rest[..end], CultureInfo.InvariantCulture, out var value))
                sum = (sum ?? 0) + value;
        }
        return sum;
    }
}
