using System.CommandLine;
using System.Text;
using System.Text.Json;
using Tools.Diffing;
using Tools.Replay;

namespace Tools.Commands;

/// <summary><c>lwm2m test</c>: rules against fixtures.</summary>
static class TestCommand
{
    const int Failed = 1;

    static readonly Argument<FileInfo[]> Fixtures = new("fixture") { Description = "Files that `diff --promote` has written.", Arity = ArgumentArity.OneOrMore };
    static readonly RuleSwitches Switches = new("Configuration, instead of that which the fixture names.", "Folder of object definitions, instead of that which the fixture names.");

    static readonly Option<bool> AsJson = new("--json") { Description = "One JSON line for each fixture." };

    public static Command Create()
    {
        Fixtures.AcceptExistingOnly();
        var command = new Command("test", """
            Run traffic of fixtures through the rules, and compare with the events that they expect.

            Examples:
              lwm2m test fixtures/*.json --xml ./lwm2m_xml
              lwm2m test night.fixture.json -c changed.conf --json | jq .differences

            Exit code: 0 as expected, 1 not, 2 nothing could be read.
            """)
        {
            Fixtures, AsJson,
        };
        Switches.AddTo(command);
        command.SetAction(Run);
        return command;
    }

    static int Run(ParseResult arguments)
    {
        var failed = 0;
        foreach (var file in arguments.GetRequiredValue(Fixtures))
        {
            var fixture = RuleFixture.Read(file.FullName);
            var files = Switches.Files(arguments);
            var rules = Rules.Read(files.Count > 0 ? files : fixture.Config, Switches.Folder(arguments) ?? fixture.Xml, Console.Error.WriteLine);
            var changes = fixture.Cases.SelectMany(test => EventChange.Between(test.Expected, rules.Translate(test.Uplink, out _))).ToList();
            if (arguments.GetValue(AsJson))
                Console.WriteLine(Json(file, fixture.Cases.Count, changes));
            else
                Tell(file, fixture.Cases.Count, changes);
            failed += changes.Count == 0 ? 0 : 1;
        }

        return failed == 0 ? 0 : Failed;
    }

    static void Tell(FileInfo file, int cases, List<EventChange> changes)
    {
        foreach (var line in changes.SelectMany(change => change.Lines()))
            Console.WriteLine(line);
        Console.WriteLine($"{(changes.Count == 0 ? "ok    " : "FAILED")} {file}: {cases} uplink events, {changes.Count} differences");
    }

    static string Json(FileInfo file, int cases, List<EventChange> changes)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("fixture", file.ToString());
            json.WriteNumber("cases", cases);
            json.WriteNumber("differences", changes.Count);
            json.WriteStartArray("changes");
            foreach (var change in changes)
                change.Write(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
