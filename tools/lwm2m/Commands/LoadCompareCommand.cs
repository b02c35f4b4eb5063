using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Tools.Load;
using Tools.Output;

namespace Tools.Commands;

/// <summary><c>lwm2m load compare</c>: two reports as ratios.</summary>
static class LoadCompareCommand
{
    const int Worse = 1;

    /// <summary>A sample a second for more than a week.</summary>
    const long LargestFile = 256 << 20;

    static readonly Argument<FileInfo> Before = new("first") { Description = "Report of `lwm2m load --json`." };
    static readonly Argument<FileInfo> After = new("second") { Description = "The one that is judged." };
    static readonly Option<double> Tolerance = new("--tolerance")
    {
        Description = "At least that share of a difference is noise: 0.05 or 5%.",
        CustomParser = ParseShare,
        DefaultValueFactory = _ => LoadFigures.LeastNoise,
    };

    static readonly Option<bool> AsJson = new("--json") { Description = "The comparison as JSON." };

    public static Command Create()
    {
        Before.AcceptExistingOnly();
        After.AcceptExistingOnly();
        var command = new Command(
            "compare", """
            Compare two runs: ratios, and what became better or worse beyond the noise of their seconds.

            Examples:
              lwm2m load compare before.json after.json
              lwm2m load compare before.json after.json --tolerance 20%

            Exit code: 0 nothing became worse, 1 something did, 2 a file is not to be read.
            """)
        {
            Before, After, Tolerance, AsJson,
        };
        command.SetAction(arguments =>
        {
            var comparison = LoadComparison.Of(Read(arguments.GetRequiredValue(Before)), Read(arguments.GetRequiredValue(After)), arguments.GetValue(Tolerance));
            Console.Write(arguments.GetValue(AsJson) ? JsonSerializer.Serialize(comparison, OutputJson.Indented) + "\n" : comparison.ToText());
            return comparison.IsWorse ? Worse : 0;
        });
        return command;
    }

    static double ParseShare(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        var number = text.EndsWith('%') ? text[..^1] : text;
        if (double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share))
            return text.EndsWith('%') ? share / 100 : share;
        result.AddError($"--tolerance is {text}: must be a share such as 0.05 or 5%.");
        return 0;
    }

    static LoadReport Read(FileInfo file)
    {
        if (file.Length > LargestFile)
            throw new IOException($"{file.Name} is larger than {LargestFile >> 20} MB.");
        try
        {
            return JsonSerializer.Deserialize<LoadReport>(File.ReadAllText(file.FullName), OutputJson.Indented)
                ?? throw new IOException($"{file.Name} holds no report.");
        }
        catch (JsonException exception)
        {
            throw new IOException($"{file.Name} is no report of `lwm2m load --json`: {exception.Message}");
        }
    }
}
