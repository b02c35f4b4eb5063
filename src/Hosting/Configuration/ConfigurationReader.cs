using System.Collections;
using System.Collections.Frozen;
using Contracts.Configuration;

namespace Hosting.Configuration;

/// <summary>Turns merged settings into the typed configuration by the schema, and collects every problem on the way.</summary>
internal sealed class ConfigurationReader
{
    /// <summary>What the warning of a key says that has no effect yet.</summary>
    public const string NotInForce = "is accepted but not in force yet";

    readonly ConfigurationReport report;
    readonly HashSet<string> given = new(StringComparer.Ordinal);
    readonly ValueReader values;
    bool strict;

    ConfigurationReader(ConfigurationReport report, ConfigurationFolders folders)
    {
        this.report = report;
        values = new ValueReader(report, folders);
    }

    public static void Read(SettingNode root, ConfigurationReport report, ConfigurationFolders folders)
    {
        var reader = new ConfigurationReader(report, folders);
        reader.NoteForeignSections(root);
        var read = new GatewayConfiguration();
        foreach (var key in SchemaSection.Root.Keys)
        {
            if (root.Find(key.Name.Split('.')) is { } node)
                reader.ReadKey(read, key, node, key.Name);
        }

        report.Configuration = read with { Given = reader.given.ToFrozenSet(StringComparer.Ordinal) };
        ConfigurationChecks.Apply(report, root, folders);
    }

    /// <summary>A record that is not the gateway's configuration, for tools. Keys that it does not know are problems.</summary>
    public static object Read(Type type, SettingNode root, ConfigurationReport report, ConfigurationFolders folders)
    {
        var record = SchemaSection.Of(type).New();
        new ConfigurationReader(report, folders) { strict = true }.ReadSection(record, root, "");
        return record;
    }

    // A file may be a whole emqx.conf; only a near miss of one of our own sections is doubtful.
    void NoteForeignSections(SettingNode root)
    {
        var ours = SchemaSection.Root.Keys.Select(k => k.Name.Split('.')[0]).Distinct().ToList();
        List<string> foreign = [];
        foreach (var (name, node) in root.Members!)
        {
            if (ours.Contains(name, StringComparer.OrdinalIgnoreCase))
                continue;
            if (!EmqxSections.Contains(name) && Nearest.Of(name, ours) is { } near)
                report.Warnings.Add($"{name} ({node.Origin}) is no section that is known here and was ignored; did you mean '{near}'?");
            else
                foreign.Add(name);
        }

        if (root.Find(["gateway"])?.Members is { } gateways)
        {
            foreach (var (name, node) in gateways)
            {
                if (name.Equals("lwm2m", StringComparison.OrdinalIgnoreCase))
                    continue;
                if (Nearest.Of(name, ["lwm2m"]) is { } near)
                    report.Warnings.Add($"gateway.{name} ({node.Origin}) was ignored; did you mean 'gateway.{near}'?");
                else
                    foreign.Add("gateway." + name);
            }
        }

        if (foreign.Count > 0)
            report.Notes.Add($"Sections that are not ours were passed over: {string.Join(", ", foreign.Order(StringComparer.Ordinal))}");
    }

    void ReadSection(object section, SettingNode node, string path)
    {
        var schema = SchemaSection.Of(section.GetType());
        foreach (var (name, value) in node.Members!)
        {
            if (schema.Find(name) is { } key)
                ReadKey(section, key, value, Below(path, key.Name));
            else
                UnknownKey(schema, name, value, path);
        }

        foreach (var key in schema.Keys)
        {
            // A value that is there but wrong has its own problem already.
            var absent = !node.Members.TryGetValue(key.Name, out var written) || written.IsNull;
            if (key.Required && absent && key.Property.GetValue(section) is null or "")
                report.Problems.Add(new ConfigurationProblem(Below(path, key.Name), null, $"is required: {key.Doc}", node.Origin));
        }
    }

    void ReadKey(object section, SchemaKey key, SettingNode node, string path)
    {
        if (node.IsNull)
            return;
        var before = key.Property.GetValue(section);
        object? value;
        switch (key.Kind)
        {
            case SchemaKind.Section:
                value = ReadInner(before, key.Type, node, path);
                break;
            case SchemaKind.Map:
                value = ReadMap(before, key, node, path);
                break;
            case SchemaKind.List when SchemaKey.KindOf(key.ElementType!) == SchemaKind.Section:
                value = ReadList(key, node, path);
                break;
            default:
                given.Add(path);
                value = values.Read(key, node, path);
                break;
        }

        if (value is null)
            return;
        if (key.Pending is { } consequence && !Same(before, value, key))
            report.Warnings.Add($"{path} ({node.Origin}) {NotInForce}. {consequence}");
        key.Property.SetValue(section, value);
    }

    object? ReadInner(object? before, Type type, SettingNode node, string path)
    {
        // A list of one: what EMQX writes for its MQTT authenticators, and the operator copies.
        if (node.Items is [{ Members: not null } only])
            node = only;
        if (node.Members is null)
        {
            report.Problems.Add(new ConfigurationProblem(path, node.Text, "must be a section: { key = value, ... }", node.Origin));
            return null;
        }

        given.Add(path);
        // Records compare by value, so the one that holds the defaults must stay as it is.
        var inner = before is null ? SchemaSection.Of(type).New() : SchemaSection.Copy(before);
        ReadSection(inner, node, path);
        return inner;
    }

    object? ReadMap(object? before, SchemaKey key, SettingNode node, string path)
    {
        if (node.Members is null)
        {
            report.Problems.Add(new ConfigurationProblem(path, node.Text, "must be a section of named entries: { name = ... }", node.Origin));
            return null;
        }

        var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), key.ElementType!))!;
        if (key.ElementType == typeof(string))
        {
            values.ReadTexts(key, node, path, "", (Dictionary<string, string>)map);
            given.UnionWith(map.Keys.Cast<string>().Select(name => $"{path}.{name}"));
            return map;
        }

        foreach (var (name, entry) in node.Members)
        {
            if (!ValueReader.NameAllowed(key, name))
                report.Problems.Add(new ConfigurationProblem($"{path}.{name}", null, $"the name must match {key.Pattern}", entry.Origin));
            else if (ReadInner((before as IDictionary)?[name], key.ElementType!, entry, $"{path}.{name}") is { } read)
                map[name] = read;
        }

        return map;
    }

    // Lists are written as lists; an environment variable or switch numbers the items: SOURCES__0__TYPE.
    object ReadList(SchemaKey key, SettingNode node, string path)
    {
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(key.ElementType!))!;
        var items = node.Items ?? (IEnumerable<SettingNode>?)node.Members?.Values ?? [node];
        foreach (var item in items)
        {
            if (ReadInner(null, key.ElementType!, item, $"{path}.{list.Count}") is { } read)
                list.Add(read);
        }

        return list;
    }

    void UnknownKey(SchemaSection schema, string name, SettingNode node, string path)
    {
        var near = Nearest.Of(name, schema.Keys.Select(k => k.Name));
        if (near is null && schema.Open)
            return;
        var hint = near is null ? $"known are {string.Join(", ", schema.Keys.Select(k => k.Name))}" : $"did you mean '{near}'?";
        if (strict)
            report.Problems.Add(new ConfigurationProblem(Below(path, name), node.Text, $"is not known; {hint}", node.Origin));
        else
            report.Warnings.Add($"{path}.{name} ({node.Origin}) is not known and was ignored; {hint}");
    }

    static string Below(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    static bool Same(object? before, object after, SchemaKey key) => key.Kind switch
    {
        SchemaKind.List => ((IList)after).Count == 0,
        SchemaKind.Map => ((IDictionary)after).Count == 0,
        _ => Equals(before, after),
    };
}
