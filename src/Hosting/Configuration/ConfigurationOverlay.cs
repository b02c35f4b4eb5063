using System.Text;

namespace Hosting.Configuration;

/// <summary>
/// The settings changed at run time, by section, as the records of the log gave them. Of each section the newest record counts that goes
/// together with the rest; what is not in force has a problem. Not thread-safe.
/// </summary>
internal sealed class ConfigurationOverlay
{
    const int LargestRecord = 1 << 20;
    const int MostProblemsTold = 3;

    // What is needed before the overlay can be read, or bound before that.
    static readonly string[] Fixed = ["kafka", "mqtt", "http", "opentelemetry"];

    // In the order of the log.
    readonly List<Section> sections = [];

    /// <summary>Of each section whose newest record is not in force: why.</summary>
    public IReadOnlyDictionary<string, string> Problems =>
        sections.Where(s => s.Problem is not null).ToDictionary(s => s.Name, s => s.Problem!);

    /// <summary>Takes a record; null takes the section back to what the file says. In force is only what <see cref="Resolve"/> finds good.</summary>
    public void Take(string name, byte[]? json)
    {
        var section = sections.Find(s => s.Name == name) ?? new Section(name);
        sections.Remove(section);
        if (json is null)
            return;
        (section.Newest, section.Problem) = (null, null);
        sections.Add(section);
        if (!SchemaSection.Root.Keys.Any(k => k.Name == name))
            section.Problem = $"there is no section {name}; known are {string.Join(", ", SchemaSection.Root.Keys.Select(k => k.Name).Except(Fixed))}";
        else if (Fixed.Contains(name))
            section.Problem = "this section cannot be changed at run time";
        else
            section.Read(json);
    }

    /// <summary>The best that the sources and the overlay give. With problems the sources themselves are unusable, and nothing was decided.</summary>
    public ConfigurationReport Resolve(MergedSources merged)
    {
        var whole = ConfigurationSources.Interpret(merged, sections.Select(s => s.Newest ?? s.Good).OfType<OverlayPatch>());
        if (whole.Problems.Count == 0)
        {
            sections.ForEach(s => s.Accept());
            return whole;
        }

        var best = ConfigurationSources.Interpret(merged, []);
        if (best.Problems.Count > 0)
            return best;
        List<OverlayPatch> taken = [];
        foreach (var section in sections)
        {
            if (section.Newest is { } newest && Try(newest) is { Count: > 0 } problems)
                section.Refuse(problems);
            else
                section.Accept();
            if (section is { Problem: not null, Good: { } good })
                Try(good);
        }

        return best;

        List<ConfigurationProblem> Try(OverlayPatch patch)
        {
            var report = ConfigurationSources.Interpret(merged, [.. taken, patch]);
            if (report.Problems.Count == 0)
            {
                taken.Add(patch);
                best = report;
            }

            return report.Problems;
        }
    }

    sealed class Section(string name)
    {
        public string Name => name;

        /// <summary>Null where it cannot be read.</summary>
        public OverlayPatch? Newest { get; set; }

        /// <summary>The newest that was in force.</summary>
        public OverlayPatch? Good { get; private set; }

        public string? Problem { get; set; }

        public void Read(byte[] json)
        {
            var text = Encoding.UTF8.GetString(json);
            if (json.Length > LargestRecord)
                Problem = "the record is larger than 1 MiB";
            else if (!text.AsSpan().TrimStart().StartsWith("{"))
                Problem = "the record is no JSON object";
            else if (HoconParser.TryParse(text, "changed at run time", [], out var settings, out var problem))
                Newest = new OverlayPatch(name.Split('.'), settings);
            else
                Problem = problem;
        }

        public void Accept()
        {
            if (Newest is not null)
                (Good, Problem) = (Newest, null);
        }

        public void Refuse(List<ConfigurationProblem> problems) => Problem = string.Join("; ", problems.Take(MostProblemsTold));
    }
}
