using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;
using Contracts;
using Messaging;
using Tools;
using Tools.Captures;
using Tools.Commands;
using Tools.Decoding;
using Tools.Output;
using Tools.Stories;

namespace Pipeline.Tests.Tools;

/// <summary>What holds of every command of the tool, also of those that come later.</summary>
public sealed partial class CommandWalkTests
{
    /// <summary>Commands that say nothing a program could want as JSON, each with the reason.</summary>
    static readonly Dictionary<string, string> WithoutJson = new() { ["lwm2m completion"] = "prints a script for a shell" };

    public static TheoryData<string> Everything => [.. Walk("lwm2m", ToolCommands.Create()).Select(found => found.Path)];

    public static TheoryData<string> Doing => [.. Walk("lwm2m", ToolCommands.Create()).Where(found => found.Command.Action is not null).Select(found => found.Path)];

    [Fact]
    public void There_are_commands_to_look_at()
    {
        Assert.Contains("lwm2m pcap export", Doing.Select(row => row.Data));
        Assert.Contains("lwm2m load compare", Doing.Select(row => row.Data));
        Assert.DoesNotContain("lwm2m topics", Doing.Select(row => row.Data));
        Assert.Empty(WithoutJson.Keys.Except(Doing.Select(row => row.Data)));
    }

    [Theory]
    [MemberData(nameof(Doing))]
    public void Each_says_it_as_json_where_asked(string path) =>
        Assert.Equal(!WithoutJson.ContainsKey(path), Find(path).Options.Any(option => option.Name == "--json"));

    [Theory]
    [MemberData(nameof(Doing))]
    public void Each_tells_its_exit_codes(string path) => Assert.Matches(@"Exit code: 0 .*\b2 |Exit code: 0 .*\b1 ", Find(path).Description!);

    [Theory]
    [MemberData(nameof(Everything))]
    public void Each_has_examples_that_it_understands(string path)
    {
        var examples = ExamplesOf(Find(path).Description!).ToList();
        Assert.NotEmpty(examples);
        foreach (var example in examples)
        {
            // The files of an example need not be there.
            var problems = ToolCommands.Create().Parse(example).Errors.Select(error => error.Message).Where(problem => !problem.Contains("does not exist", StringComparison.Ordinal));
            Assert.True(!problems.Any(), $"{example}: {string.Join("; ", problems)}");
        }
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Help_shows_description_and_options_of_each(string path)
    {
        using var output = new StringWriter();
        Assert.Equal(0, ToolCommands.Create().Parse($"{path["lwm2m".Length..]} --help").Invoke(new InvocationConfiguration { Output = output, Error = output }));
        Assert.Contains("Example", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("--help", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Everything))]
    public void Shells_complete_each(string path)
    {
        var root = ToolCommands.Create();
        var command = Find(path);
        var offered = CompletionCommand.Candidates(root, path + " --", path.Length + 3);
        Assert.Empty(command.Options.Where(option => !option.Hidden && option.Name is not ("--help" or "--version")).Select(option => option.Name).Except(offered));
        var names = CompletionCommand.Candidates(root, path + " ", path.Length + 1);
        Assert.Empty(command.Subcommands.Where(inner => !inner.Hidden).Select(inner => inner.Name).Except(names));
    }

    [Fact]
    public void A_report_about_topics_is_one_object()
    {
        var spec = new TopicSpec { Name = "x.uplink", Partitions = 4, Cleanup = CleanupPolicy.Delete, Settings = new Dictionary<string, string>() };
        var line = TopicsCommand.Json(new TopicReport([spec], [], ["x.events has 3 partitions"], []));
        Assert.Equal("""{"fits":false,"made":["x.uplink"],"missing":[],"mismatches":["x.events has 3 partitions"],"drift":[]}""", line);
        Assert.Contains("\"fits\":true", TopicsCommand.Json(new TopicReport([], [], [], ["x.events keeps 1 day"])), StringComparison.Ordinal);
    }

    [Fact]
    public void What_happened_in_a_story_is_one_object()
    {
        var uplink = new UplinkEvent { Kind = EventKind.Notified };
        Assert.Equal(
            """{"at":"2023-11-14T22:13:20.1234567Z","source":"uplink","kind":"notified","told":["moved to ingress 1","notified"]}""",
            StoryCommand.Json(new Happening(1_700_000_000_123_456_789, uplink, null), ["        moved to ingress 1", "notified"]));
        var datagram = new CapturedDatagram { Direction = CaptureDirection.Transmitted };
        Assert.Contains("\"source\":\"capture\",\"kind\":\"transmitted\"", StoryCommand.Json(new Happening(1, null, datagram), []), StringComparison.Ordinal);
    }

    [Fact]
    public void A_datagram_is_decoded_into_fields_for_programs()
    {
        var message = MessageFields.Of(Convert.FromHexString("440112 34aabbccdd b133ff41".Replace(" ", "", StringComparison.Ordinal)));
        using var said = JsonDocument.Parse(DecodeCommand.Json(RecordKind.Datagram, true, ["CON 0.01 GET"], message));
        Assert.Equal(
            """{"type":"confirmable","code":"0.01","message_id":4660,"token":"aabbccdd","options":[{"number":11,"name":"Uri-Path","value":"3"}],"payload":"41"}""",
            said.RootElement.GetProperty("message").GetRawText());
        Assert.Equal(("datagram", true), (said.RootElement.GetProperty("kind").GetString(), said.RootElement.GetProperty("sound").GetBoolean()));
        Assert.Null(MessageFields.Of([0xff]));
    }

    [Fact]
    public async Task What_is_read_of_a_capture_is_shown_by_the_time_that_has_passed()
    {
        using var terminal = new StringWriter();
        using var bar = new ProgressBar("pcap export", terminal, TimeSpan.Zero);
        var source = new WatchedCapture(new Three(), bar, Instant(4));
        await foreach (var captured in source.ReadAsync(TestContext.Current.CancellationToken))
            Assert.NotNull(captured);
        Assert.Equal(["0 %", "25 %", "50 %"], Percentage().Matches(terminal.ToString()).Select(match => match.Value));

        static DateTimeOffset Instant(int seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds);
    }

    static Command Find(string path) => Walk("lwm2m", ToolCommands.Create()).Single(found => found.Path == path).Command;

    static IEnumerable<(string Path, Command Command)> Walk(string path, Command command) =>
        command.Subcommands.Where(inner => !inner.Hidden).SelectMany(inner => Walk($"{path} {inner.Name}", inner)).Prepend((path, command));

    // The arguments of "lwm2m ..." in the lines below "Examples:", up to a comment, a pipe, or the end of what a shell puts in.
    static IEnumerable<string> ExamplesOf(string description) =>
        description[Math.Max(description.IndexOf("Example", StringComparison.Ordinal), 0)..].Split('\n').TakeWhile(line => !line.StartsWith("Exit code", StringComparison.Ordinal))
            .SelectMany(line => Example().Matches(line)).Select(match => match.Groups[1].Value.Trim());

    [GeneratedRegex(@"\blwm2m ((?:'[^']*'|[^#|&<>)])+)")]
    private static partial Regex Example();

    [GeneratedRegex(@"\d+ %")]
    private static partial Regex Percentage();

    sealed class Three : ICaptureSource
    {
        public long Unreadable => 0;

        public async IAsyncEnumerable<CapturedDatagram> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
        {
            for (var second = 0UL; second < 3; second++)
            {
                await Task.Yield();
                yield return new CapturedDatagram { CapturedNs = second * 1_000_000_000 };
            }
        }
    }
}
