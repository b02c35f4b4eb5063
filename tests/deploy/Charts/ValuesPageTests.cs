using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Pipeline.DeployTests.Charts;

/// <summary>values.yaml, its schema and the table in the README name the same keys.</summary>
public sealed class ValuesPageTests
{
    const string Begin = "<!-- values: made from values.yaml by a test; UPDATE_GOLDEN=1 writes it anew -->\n";
    const string End = "<!-- end of values -->\n";

    [Fact]
    public void The_table_says_what_values_yaml_says()
    {
        var page = Repository.Read("deploy", "helm", "README.md");
        var from = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = page.IndexOf(End, StringComparison.Ordinal);
        Repository.AssertSame(page[..from] + Table() + page[to..], "deploy", "helm", "README.md");
    }

    [Fact]
    public void The_schema_knows_every_key_and_no_other()
    {
        using var schema = JsonDocument.Parse(Repository.Read("deploy", "helm", "values.schema.json"));
        Assert.Equal(Keys().Select(key => key.Path).Order(), Leaves("", schema.RootElement).Where(path => path != "global").Order());
    }

    [Fact]
    public void Nothing_unknown_is_taken_anywhere()
    {
        using var schema = JsonDocument.Parse(Repository.Read("deploy", "helm", "values.schema.json"));
        Assert.Empty(Open("", schema.RootElement));
    }

    // Keys with a comment of their own: those are what one sets.
    static List<Key> Keys()
    {
        var keys = new List<Key>();
        var lines = Repository.Read("deploy", "helm", "values.yaml").Split('\n');
        using var text = new StringReader(string.Join('\n', lines));
        var yaml = new YamlStream();
        yaml.Load(text);
        Walk("", (YamlMappingNode)yaml.Documents[0].RootNode);
        return keys;

        void Walk(string path, YamlMappingNode node)
        {
            foreach (var (name, value) in node.Children)
            {
                var key = path + ((YamlScalarNode)name).Value;
                var above = lines[Math.Max(0, (int)name.Start.Line - 2)].Trim();
                if (above.StartsWith("# -- ", StringComparison.Ordinal))
                    keys.Add(new Key(key, above[5..], Text(value)));
                else
                    Walk(key + ".", (YamlMappingNode)value);
            }
        }
    }

    static string Table()
    {
        var table = new StringBuilder("| Key | Default | Meaning |\n|---|---|---|\n");
        foreach (var key in Keys())
            table.Append("| `").Append(key.Path).Append("` | ").Append(key.Default).Append(" | ").Append(key.Meaning.Replace("|", "\\|", StringComparison.Ordinal)).Append(" |\n");
        return table.ToString();
    }

    static string Text(YamlNode node) => node switch
    {
        YamlScalarNode { Style: ScalarStyle.DoubleQuoted, Value: "" } => "",
        YamlMappingNode { Children.Count: 0 } or YamlSequenceNode { Children.Count: 0 } => "",
        _ => $"`{Flow(node)}`",
    };

    static string Flow(YamlNode node) => node switch
    {
        YamlMappingNode map => string.Join(", ", map.Children.Select(pair => pair.Value is YamlMappingNode inner ? $"{pair.Key}: {{{Flow(inner)}}}" : $"{pair.Key}: {Flow(pair.Value)}")),
        YamlSequenceNode list => string.Join(", ", list.Children.Select(Flow)),
        _ => node.ToString(),
    };

    static IEnumerable<string> Leaves(string path, JsonElement schema) =>
        IsSection(path, schema)
            ? schema.GetProperty("properties").EnumerateObject().SelectMany(p => Leaves(path.Length > 0 ? $"{path}.{p.Name}" : p.Name, p.Value))
            : [path];

    // One key of values.yaml may be a map of its own: a probe, resources.
    static bool IsSection(string path, JsonElement schema) =>
        schema.TryGetProperty("properties", out _) && !path.Contains(".probes.", StringComparison.Ordinal) && !path.EndsWith("resources", StringComparison.Ordinal);

    static IEnumerable<string> Open(string path, JsonElement schema)
    {
        if (!schema.TryGetProperty("properties", out var properties))
            yield break;
        if (!schema.TryGetProperty("additionalProperties", out var more) || more.ValueKind == JsonValueKind.True)
            yield return path;
        foreach (var inner in properties.EnumerateObject().SelectMany(p => Open($"{path}.{p.Name}", p.Value)))
            yield return inner;
    }

    sealed record Key(string Path, string Meaning, string Default);
}
