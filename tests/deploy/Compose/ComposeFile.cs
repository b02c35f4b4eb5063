using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace Pipeline.DeployTests.Compose;

using Map = Dictionary<object, object>;

/// <summary>deploy/docker/compose.yaml as Compose reads it: merges and anchors resolved.</summary>
static partial class ComposeFile
{
    public static Map Content { get; } = Load();

    public static Map Services { get; } = (Map)Content["services"];

    public static Map Configs { get; } = (Map)Content["configs"];

    public static Map Service(string name) => (Map)Services[name];

    /// <summary>A list or a map of a service by its key; empty where it has none.</summary>
    public static IReadOnlyList<object> List(this Map of, string key) => of.TryGetValue(key, out var list) ? (List<object>)list : [];

    /// <inheritdoc cref="List"/>
    public static Map Member(this Map of, string key) => of.TryGetValue(key, out var map) ? (Map)map : [];

    /// <summary>Text with variables replaced by their defaults, as where none of them is set: <c>${NAME:-default}</c>; two dollars are one.</summary>
    public static string Resolved(object text) => Variable().Replace((string)text, match => match.Value == "$$" ? "$" : match.Groups[1].Value);

    static Map Load()
    {
        var parser = new MergingParser(new Parser(new StringReader(Repository.Read("deploy", "docker", "compose.yaml"))));
        return new DeserializerBuilder().Build().Deserialize<Map>(parser);
    }

    [GeneratedRegex(@"\$\$|\$\{\w+:-([^}]*)\}")]
    private static partial Regex Variable();
}
