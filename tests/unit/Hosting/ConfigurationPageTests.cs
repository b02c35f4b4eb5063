using System.Runtime.CompilerServices;
using Hosting.Configuration;

namespace Pipeline.Tests.Hosting;

public sealed class ConfigurationPageTests
{
    const string Command = "dotnet run --project src/Standalone -- --help=markdown > docs/configuration.md";

    [Fact]
    public void The_page_says_what_the_schema_says()
    {
        var page = Path.Combine(Repository(), "docs", "configuration.md");
        var same = File.Exists(page) && File.ReadAllText(page) == ConfigurationHelp.Markdown();

        Assert.True(same, $"docs/configuration.md and the schema differ; make it anew with: {Command}");
    }

    [Fact]
    public void The_page_names_the_command_that_makes_it() =>
        Assert.Contains(Command, ConfigurationHelp.Markdown(), StringComparison.Ordinal);

    [Fact]
    public void Every_key_is_documented_and_is_read_from_its_own_name()
    {
        foreach (var entry in ConfigurationHelp.AllKeys())
        {
            Assert.False(string.IsNullOrWhiteSpace(entry.Key.Doc), entry.Path);
            Assert.Matches("^[a-z0-9_.]+$", entry.Key.Name);
        }
    }

    [Fact]
    public void Every_default_lies_within_what_is_allowed()
    {
        foreach (var entry in ConfigurationHelp.AllKeys().Where(e => e.Value is not null and not System.Collections.ICollection { Count: 0 }))
        {
            var text = $"{entry.Path.Replace(".NAME", ".x", StringComparison.Ordinal).Replace(".N.", ".0.", StringComparison.Ordinal)} = \"{SettingText.Print(entry.Value, entry.Key.Unit)}\"";
            Assert.DoesNotContain(TestConfiguration.ProblemsOf(text), p => !p.Contains("is required", StringComparison.Ordinal));
        }
    }

    static string Repository([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
