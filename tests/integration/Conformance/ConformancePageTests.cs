using System.Text.RegularExpressions;

namespace Pipeline.IntegrationTests.Conformance;

/// <summary>docs/conformance.md names tests that exist, or says why there is none.</summary>
public sealed partial class ConformancePageTests
{
    [Fact]
    public async Task Each_row_names_a_test_or_says_why_it_is_left_out()
    {
        var root = Ancestors(AppContext.BaseDirectory).First(folder => File.Exists(Path.Combine(folder, "Pipeline.sln")));
        var page = await File.ReadAllTextAsync(Path.Combine(root, "docs", "conformance.md"), TestContext.Current.CancellationToken);
        var methods = typeof(ConformancePageTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Where(method => method.IsDefined(typeof(FactAttribute), inherit: true)).Select(method => $"{type.Name}.{method.Name}"))
            .ToHashSet();

        var ids = new List<string>();
        foreach (Match row in Row().Matches(page))
        {
            ids.AddRange(row.Groups["ids"].Value.Split(", "));
            var shown = row.Groups["shown"].Value;
            var named = Name().Matches(shown).Select(name => name.Groups[1].Value).ToList();
            Assert.All(named, name => Assert.Contains(name, methods));
            Assert.True(named.Count > 0 || shown.StartsWith("left out: ", StringComparison.Ordinal), $"{row.Groups["ids"].Value} names no test");
        }

        string[] expected =
        [
            .. new[] { 101, 102, 103, 104, 105, 107, 108, 109, 201, 203, 204, 205, 211, 212, 215 }.Select(id => $"{id}"),
            .. Enumerable.Range(220, 18).Select(id => $"{id}"), "241", "256", "257", "260", "261", "280", "281",
            .. Enumerable.Range(301, 11).Select(id => $"{id}"), "401",
        ];
        Assert.Equal(expected.Order(), ids.Order());
    }

    static IEnumerable<string> Ancestors(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
            yield return at.FullName;
    }

    [GeneratedRegex(@"^\| (?<ids>[0-9][0-9, ]*) \| [^|]+ \| (?<shown>[^|]+?) \|\s*$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([A-Za-z0-9]+\\.[A-Za-z0-9_]+)`")]
    private static partial Regex Name();
}
