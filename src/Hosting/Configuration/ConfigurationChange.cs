using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>
/// Settings for <c>gateway.lwm2m</c> laid over what the files, environment and command line of this process say (null takes a key away), and
/// tried by the schema that those are read by. Nothing is put in force.
/// </summary>
public sealed partial class ConfigurationChange
{
    const string Source = "the request";
    const string Section = "gateway.lwm2m";

    ConfigurationChange()
    {
    }

    /// <summary>What would be in force; not to be used where there are problems.</summary>
    public GatewayConfiguration Configuration { get; private init; } = new();

    /// <summary>Each a sentence that names the key. Empty: the change can be written.</summary>
    public IReadOnlyList<string> Problems { get; private init; } = [];

    /// <summary>Keys that differ from what is in force now and take a restart.</summary>
    public IReadOnlyList<string> NeedRestart { get; private init; } = [];

    /// <summary>True where it leaves everything as it is now.</summary>
    public bool ChangesNothing { get; private init; }

    /// <summary>Of all that is laid over the files, what differs from them.</summary>
    public JsonObject Difference { get; private init; } = [];

    /// <param name="live">Knows the files.</param>
    /// <param name="now">What is laid over them now; null: nothing.</param>
    /// <param name="wanted">What is to be laid over them instead.</param>
    public static ConfigurationChange Try(LiveConfiguration live, JsonObject? now, JsonObject wanted)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(wanted);
        var merged = live.Sources.Merge().WithDefinitions(live.Current.Lwm2m.XmlDir);
        var file = ConfigurationSources.Interpret(merged, []);
        var before = now is null || !TryPatch(now, out var present, out _) ? file : ConfigurationSources.Interpret(merged, [present]);
        if (!TryPatch(wanted, out var patch, out var malformed))
            return new ConfigurationChange { Problems = [malformed] };
        List<string> problems = [];
        FindUnknown(patch.Settings, SchemaSection.Of(typeof(Lwm2mOptions)), Section, problems);
        var tried = ConfigurationSources.Interpret(merged, [patch]);
        problems.AddRange(New(tried.Problems.Select(p => p.ToString()), file.Problems.Select(p => p.ToString())));
        // What is doubtful in a file is a warning; whoever asks now can be told. (What is not in force yet takes a restart, too.)
        var doubts = tried.Warnings.Where(w => !w.Contains(ConfigurationReader.NotInForce, StringComparison.Ordinal));
        problems.AddRange(New(doubts.Where(w => !problems.Exists(p => KeyOf(p) == KeyOf(w))), file.Warnings.Concat(before.Warnings)));
        if (problems.Count > 0)
            return new ConfigurationChange { Problems = problems };

        var fromFile = ConfigurationDifference.Between(file.Configuration, tried.Configuration).Select(c => c.Path).ToList();
        var difference = Differing(wanted, SchemaSection.Of(typeof(Lwm2mOptions)), Section, fromFile);
        var changes = ConfigurationDifference.Between(before.Configuration, tried.Configuration);
        return new ConfigurationChange
        {
            Configuration = tried.Configuration,
            NeedRestart = [.. changes.Where(c => !c.Live).Select(c => c.Path)],
            ChangesNothing = changes.Count == 0,
            Difference = difference,
        };
    }

    // The same value in a file and in the request is told with two origins.
    static IEnumerable<string> New(IEnumerable<string> found, IEnumerable<string> known)
    {
        var old = known.Select(k => Origin().Replace(k, "")).ToHashSet();
        return found.Where(f => !old.Contains(Origin().Replace(f, ""))).Distinct();
    }

    static string KeyOf(string sentence) => sentence.Split(' ', 2)[0];

    static bool TryPatch(JsonObject over, out OverlayPatch patch, out string problem)
    {
        var isRead = HoconParser.TryParse(over.ToJsonString(), Source, [], out var settings, out problem);
        patch = new OverlayPatch(Section.Split('.'), settings);
        return isRead;
    }

    static void FindUnknown(SettingNode section, SchemaSection schema, string path, List<string> problems)
    {
        foreach (var (name, value) in section.Members!)
        {
            if (schema.Find(name) is not { } key)
            {
                if (!schema.Open)
                    problems.Add($"{path}.{name} is not known" + (Nearest.Of(name, schema.Keys.Select(k => k.Name)) is { } near ? $"; did you mean '{near}'?" : ""));
                continue;
            }

            if (key.Kind == SchemaKind.Section && value.Members is not null)
                FindUnknown(value, SchemaSection.Of(key.Type), $"{path}.{key.Name}", problems);
            else if (key.Kind == SchemaKind.Map && SchemaKey.KindOf(key.ElementType!) == SchemaKind.Section && value.Members is not null)
            {
                foreach (var (entry, inner) in value.Members.Where(m => m.Value.Members is not null))
                    FindUnknown(inner, SchemaSection.Of(key.ElementType!), $"{path}.{key.Name}.{entry}", problems);
            }
        }
    }

    // Only sections are taken apart; a list is one value.
    static JsonObject Differing(JsonObject wanted, SchemaSection schema, string path, List<string> changed)
    {
        var kept = new JsonObject();
        foreach (var (name, value) in wanted)
        {
            if (schema.Find(name) is not { } key)
                continue;
            var full = $"{path}.{key.Name}";
            if (!IsChanged(full, changed))
                continue;
            kept[key.Name] = (key.Kind, value) switch
            {
                (SchemaKind.Section, JsonObject inner) => Differing(inner, SchemaSection.Of(key.Type), full, changed),
                (SchemaKind.Map, JsonObject map) when SchemaKey.KindOf(key.ElementType!) == SchemaKind.Section =>
                    DifferingEntries(map, SchemaSection.Of(key.ElementType!), full, changed),
                _ => value?.DeepClone(),
            };
        }

        return kept;
    }

    static JsonObject DifferingEntries(JsonObject map, SchemaSection schema, string path, List<string> changed)
    {
        var kept = new JsonObject();
        foreach (var (name, value) in map)
        {
            var full = $"{path}.{name}";
            if (value is JsonObject inner && Differing(inner, schema, full, changed) is { Count: > 0 } differing)
                kept[name] = differing;
            else if (value is null && IsChanged(full, changed))
                kept[name] = null; // taken away
        }

        return kept;
    }

    static bool IsChanged(string path, List<string> changed) => changed.Exists(c => c == path || c.StartsWith(path + ".", StringComparison.Ordinal));

    [GeneratedRegex(@" \([^()]*\)")]
    private static partial Regex Origin();
}
