using System.CommandLine;

namespace Tools.Commands;

/// <summary>Whose records of which time: the options that all commands share which look back.</summary>
static class WindowSwitches
{
    static readonly Option<string[]> Names = new("--endpoint", "-e") { Description = "Endpoint names, * and ? as usual; may be given several times. Without: all." };
    static readonly Option<string> Since = Duration.Option("--since", "From that long ago: 2h.");
    static readonly Option<string?> Begin = PointInTime.Option("--from", "From that time on: 2026-11-22T03:00:00Z.");
    static readonly Option<string?> End = PointInTime.Option("--to", "Up to that time.");

    public static void AddTo(Command command, bool withEndpoints = true)
    {
        if (withEndpoints)
            command.Options.Add(Names);
        foreach (var option in new Option[] { KafkaSwitches.Servers, KafkaSwitches.Prefix, Since, Begin, End })
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Since) is not null && result.GetValue(Begin) is not null)
                result.AddError("--since and --from exclude each other.");
        });
    }

    public static IReadOnlyList<string> Endpoints(ParseResult arguments) => arguments.GetValue(Names) ?? [];

    /// <summary>Null: from the beginning.</summary>
    public static DateTimeOffset? From(ParseResult arguments, DateTimeOffset now) => PointInTime.Get(arguments, Begin) ?? now - Duration.Get(arguments, Since);

    /// <summary>Exclusive. Null: to the end.</summary>
    public static DateTimeOffset? To(ParseResult arguments) => PointInTime.Get(arguments, End);
}
