using System.CommandLine;
using Tools.Diffing;
using Tools.Replay;

namespace Tools.Commands;

/// <summary><c>lwm2m diff</c>: what a change of rules changes, on recorded traffic.</summary>
static class DiffCommand
{
    const int Different = 1;

    static readonly Argument<FileInfo[]> Outputs = new("output")
    {
        Description = "Two files that `replay` has written, to be compared instead of configurations: the old, the new.",
        Arity = new ArgumentArity(0, 2),
    };

    static readonly RuleSwitches Old = new("Configuration as it is; the later file wins. Without: defaults.", "Folder of object definitions as it is.");
    static readonly RuleSwitches New = RuleSwitches.Second("new", "Configuration as it is to be; without: the same.", "Folder of object definitions as it is to be; without: the same.");
    static readonly Option<bool> Json = new("--json") { Description = "One JSON line for each change, and one with the counts." };
    static readonly Option<int> Most = new("--most") { Description = "How many changes are shown.", DefaultValueFactory = _ => 50 };
    static readonly Option<FileInfo?> Promote = new("--promote") { Description = "Write the traffic, and what the new rules make of it, to this file for `lwm2m test`." };

    public static Command Create()
    {
        Outputs.AcceptExistingOnly();
        var command = new Command("diff", """
            Compare what two configurations or two folders of definitions make of the same traffic, or two outputs of `replay`.

            Examples:
              lwm2m diff -k localhost:9092 --since 24h -c gateway.conf --new-xml ./mended_xml
              lwm2m diff --from-file night.traffic -c gateway.conf --new-config changed.conf --promote night.fixture.json
              lwm2m diff old.jsonl new.jsonl

            Exit code: 0 no difference, 1 differences, 2 nothing could be read.
            """)
        {
            Outputs, Json, Most, Promote,
        };
        Old.AddTo(command);
        New.AddTo(command);
        TrafficSwitches.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Outputs) is { Length: 1 })
                result.AddError("Two outputs are needed, the old and the new.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellation)
    {
        var report = new DiffReport(Console.Out, arguments.GetValue(Json), arguments.GetValue(Most));
        if (arguments.GetValue(Outputs) is [var before, var after])
        {
            var (old, changed) = (Read(before), Read(after));
            report.Add([.. EventChange.Between(old, changed)], old.Concat(changed).Select(replayed => replayed.Id).Distinct().Count());
        }
        else
        {
            await CompareAsync(arguments, report, cancellation);
        }

        report.Finish();
        return report.Differences == 0 ? 0 : Different;
    }

    static async Task CompareAsync(ParseResult arguments, DiffReport report, CancellationToken cancellation)
    {
        var (files, xml) = (Old.Files(arguments), Old.Folder(arguments));
        var newFiles = New.Files(arguments) is { Count: > 0 } given ? given : files;
        var newXml = New.Folder(arguments) ?? xml;
        var before = Rules.Read(files, xml, Console.Error.WriteLine);
        var after = Rules.Read(newFiles, newXml, Console.Error.WriteLine);
        var source = TrafficSwitches.Source(arguments, before.Configuration.Kafka);
        var promoted = arguments.GetValue(Promote) is null ? null : new RuleFixture { Config = newFiles, Xml = newXml };
        await foreach (var (happened, (old, changed)) in source.ReadAsync(
            happened => (before.Translate(happened, out _), after.Translate(happened, out _)), cancellation))
        {
            var changes = EventChange.Between(old, changed).ToList();
            report.Add(changes, old.Count + changes.Count(change => change.Before is null));
            promoted?.Cases.Add((happened, changed));
        }

        promoted?.Write(arguments.GetValue(Promote)!.FullName);
        if (source.Unreadable > 0)
            Console.Error.WriteLine($"{source.Unreadable} records could not be read");
    }

    static List<ReplayedEvent> Read(FileInfo file) =>
        [.. File.ReadLines(file.FullName).Where(line => line.Length > 0)
            .Select((line, at) => ReplayedEvent.Parse(line) ?? throw new IOException($"{file}: line {at + 1} is no event that `replay` has written"))];
}
