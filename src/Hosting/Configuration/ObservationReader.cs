using System.Globalization;
using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>
/// Reads <c>auto_observe</c>: a flag, one path, paths in a text, or a list. EMQX starts with anything and observes nothing, so do we,
/// with a warning.
/// </summary>
internal static class ObservationReader
{
    const string Expected = "; true, false, a path or a list of paths is expected. Nothing is observed";

    public static AutoObserve Read(SettingNode node, string path, ConfigurationReport report)
    {
        if (node.Text is { } text && SettingText.TryFlag(text.Trim(), out var all))
            return all ? AutoObserve.All : AutoObserve.Off;
        var written = (node.Items ?? node.Members?.Values.ToList())?.Select(i => i.Text ?? "").ToList()
            ?? [.. node.Text!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        List<string> paths = [];
        foreach (var one in written)
        {
            if (IsPath(one))
                paths.Add(one);
            else if (IsPath("/" + one))
                Warn(one, $"was taken as '/{one}'", "/" + one);
            else if (written.Count == 1 && Nearest.Of(one, ["true", "false"]) is { } near)
                Warn(one, $"was taken as false: nothing is observed. Did you mean '{near}'?", null);
            else
                Warn(one, "was left out: it is no path such as /3/0" + (written.Count == 1 ? Expected : ""), null);
        }

        return paths.Count == 0 ? AutoObserve.Off : AutoObserve.Of(paths);

        void Warn(string value, string how, string? taken)
        {
            report.Warnings.Add($"{path} = \"{value}\" ({node.Origin}) {how}");
            if (taken is not null)
                paths.Add(taken);
        }
    }

    // Object, instance, resource, resource instance: ids of 16 bits, the highest reserved (LwM2M Core 1.1, 7.1).
    static bool IsPath(string text)
    {
        if (text.Length < 2 || text[0] != '/')
            return false;
        var ids = text[1..].Split('/');
        return ids.Length <= 4
            && ids.All(id => ushort.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n < ushort.MaxValue);
    }
}
