using System.CommandLine;
using Tools.Diffing;
using Tools.Replay;

namespace Tools.Commands;

/// <summary><c>lwm2m test</c>: rules against fixtures.</summary>
static class TestCommand
{
    const int Failed = 1;

    static readonly Argument<FileInfo[]> Fixtures = new("fixture") { Description = "Files that `diff --promote` has written.", Arity = ArgumentArity.OneOrMore };
    static readonly RuleSwitches Switches = new("Configuration, instead of that which the fixture names.", "Folder of object definitions, instead of that which the fixture names.");

    public static Command Create()
    {
        Fixtures.AcceptExistingOnly();
        var command = new Command("test", """
            Run traffic of fixtures through the rules, and compare with the events that they expect.

            Example:
              lwm2m test fixtures/*.json --xml ./lwm2m_xml

            Exit code: 0 as expected, 1 not, 2 nothing could be read.
            """)
        {
            Fixtures,
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
            foreach (var line in changes.SelectMany(change => change.Lines()))
                Console.WriteLine(line);
            Console.WriteLine($"{(changes.Count == 0 ? "ok    " : "FAILED")} {file}: {fixture.Cases.Count} uplink events, {changes.Count} differences");
            failed += changes.Count == 0 ? 0 : 1;
        }

        return failed == 0 ? 0 : Failed;
    }
}
