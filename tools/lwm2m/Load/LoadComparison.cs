using System.Globalization;
using System.Text;

namespace Tools.Load;

/// <summary>Two runs side by side, as ratios.</summary>
sealed record LoadComparison(IReadOnlyList<LoadChange> Changes, IReadOnlyList<string> NewFaults)
{
    /// <summary>What was asked of the two runs that differs: then they say little of each other.</summary>
    public required IReadOnlyList<string> Unlike { get; init; }

    /// <summary>Worse in a figure beyond the noise, or faulty where the first run was not.</summary>
    public bool IsWorse => NewFaults.Count > 0 || Changes.Any(change => change.Verdict == LoadVerdict.Worse);

    /// <param name="before">The first run.</param>
    /// <param name="after">The second run.</param>
    /// <param name="tolerance">At least that share of a difference is noise.</param>
    public static LoadComparison Of(LoadReport before, LoadReport after, double tolerance = LoadFigures.LeastNoise)
    {
        var later = LoadFigures.Of(after).ToDictionary(figure => figure.Name);
        var changes = from figure in LoadFigures.Of(before)
                      where later.ContainsKey(figure.Name)
                      select Compare(figure, later[figure.Name], tolerance);
        return new LoadComparison([.. changes], before.Faults.Count == 0 ? after.Faults : [])
        {
            Unlike = [.. Differences(before, after)],
        };
    }

    public string ToText()
    {
        var text = new StringBuilder();
        Line($"{"",-46}{"first",12}{"second",12}{"ratio",8}{"noise",8}");
        foreach (var change in Changes)
        {
            var verdict = change.Verdict == LoadVerdict.Same ? "" : change.Verdict.ToString().ToLowerInvariant();
            Line($"{change.Name,-46}{change.Before,12:G5}{change.After,12:G5}{change.Ratio,8:F2}{change.Noise,8:P0}  {verdict}");
        }
        foreach (var difference in Unlike)
            Line($"unlike: {difference}");
        foreach (var fault in NewFaults)
            Line($"new: {fault}");
        Line($"{(IsWorse ? "worse" : Changes.Any(change => change.Verdict == LoadVerdict.Better) ? "better" : "no difference beyond the noise")}");
        return text.ToString();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture).TrimEnd());
    }

    static IEnumerable<string> Differences(LoadReport before, LoadReport after)
    {
        if (before.Mode != after.Mode)
            yield return $"{before.Mode} and {after.Mode}";
        if (before.Devices != after.Devices)
            yield return $"{before.Devices} and {after.Devices} devices";
        if (before.NotificationsPerSecondWanted != after.NotificationsPerSecondWanted)
            yield return string.Create(CultureInfo.InvariantCulture, $"{before.NotificationsPerSecondWanted}/s and {after.NotificationsPerSecondWanted}/s wanted");
        if (before.Machine != after.Machine)
            yield return $"{before.Machine} and {after.Machine}";
    }

    static LoadChange Compare(LoadFigure before, LoadFigure after, double tolerance)
    {
        var ratio = after.Value / before.Value;
        // Both runs have their noise.
        var noise = Math.Max(tolerance, Math.Sqrt(before.Noise * before.Noise + after.Noise * after.Noise));
        var isApart = Math.Abs(Math.Log(ratio)) > Math.Log(1 + noise);
        var verdict = !isApart ? LoadVerdict.Same : ratio > 1 == before.MoreIsBetter ? LoadVerdict.Better : LoadVerdict.Worse;
        return new LoadChange(before.Name, before.Value, after.Value, ratio, noise, verdict);
    }
}
