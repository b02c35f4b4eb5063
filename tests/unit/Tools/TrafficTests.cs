using Contracts;
using Pipeline.Tests.Translator;
using Tools.Traffic;

namespace Pipeline.Tests.Tools;

/// <summary>What is picked from recorded traffic, and in which order.</summary>
public sealed class TrafficTests
{
    static readonly DateTimeOffset Evening = DateTimeOffset.UnixEpoch.AddDays(20_000);

    [Fact]
    public void The_register_that_the_window_belongs_to_comes_first_and_once()
    {
        var context = new TrafficContext(new TrafficSelection { From = Evening });
        Assert.Empty(context.Take(At(-60, EventKind.Registered, "r1")));
        Assert.Empty(context.Take(At(-30, EventKind.Notified, "r1")));

        Assert.Equal([EventKind.Registered, EventKind.Notified], Kinds(context.Take(At(1, EventKind.Notified, "r1"))));
        Assert.Equal([EventKind.Notified], Kinds(context.Take(At(2, EventKind.Notified, "r1"))));
    }

    [Fact]
    public void A_registration_that_ended_before_the_window_is_none_of_it()
    {
        var context = new TrafficContext(new TrafficSelection { From = Evening });
        Assert.Empty(context.Take(At(-60, EventKind.Registered, "r1")));
        Assert.Empty(context.Take(At(-30, EventKind.Expired, "r1")));

        Assert.Equal([EventKind.Registered], Kinds(context.Take(At(1, EventKind.Registered, "r2"))));
    }

    [Fact]
    public void The_end_of_the_registration_before_does_not_end_the_new_one()
    {
        var context = new TrafficContext(new TrafficSelection { From = Evening });
        Assert.Empty(context.Take(At(-60, EventKind.Registered, "r2")));
        Assert.Empty(context.Take(At(-60, EventKind.Replaced, "r1")));

        Assert.Equal(2, context.Take(At(1, EventKind.Notified, "r2")).Count());
    }

    [Fact]
    public void Only_the_first_outcome_of_a_command_counts_also_when_that_was_before_the_window()
    {
        var context = new TrafficContext(new TrafficSelection { From = Evening });
        Assert.Empty(context.Take(OutcomeAt(-1, "c1")));

        Assert.Empty(context.Take(OutcomeAt(1, "c1")));
        Assert.Single(context.Take(OutcomeAt(2, "c2")));
        Assert.Empty(context.Take(OutcomeAt(3, "c2")));
    }

    [Fact]
    public void Names_kinds_and_times_narrow_it_down()
    {
        var context = new TrafficContext(new TrafficSelection
        {
            Endpoints = [new Glob("meter-*"), new Glob("e?")], Kinds = new HashSet<EventKind> { EventKind.Notified }, To = Evening,
        });

        Assert.Single(context.Take(At(-2, EventKind.Notified, "r1")));
        Assert.Empty(context.Take(At(-2, EventKind.Updated, "r1")));
        Assert.Empty(context.Take(At(0, EventKind.Notified, "r1")));
        Assert.Empty(context.Take(At(-1, EventKind.Notified, "r1", "other")));
    }

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("a.c", "abc", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a*", "A1", false)]
    [InlineData("*[1]*", "x[1]y", true)]
    public void Globs_know_two_wildcards_and_no_more(string glob, string name, bool matches) => Assert.Equal(matches, new Glob(glob).Matches(name));

    [Fact]
    public async Task Partitions_come_in_one_order_whichever_is_quicker()
    {
        var slow = new[] { (1UL, "a"), (5UL, "b"), (4UL, "c") };
        var quick = new[] { (2UL, "x"), (4UL, "y"), (9UL, "z") };

        foreach (var hurried in new[] { 0, 1 })
        {
            var sources = new[] { Delayed(slow, hurried == 0), Delayed(quick, hurried == 1) }.Select(source => source.GetAsyncEnumerator()).ToList();
            var order = new List<string>();
            await foreach (var (_, name) in Merge.ByTime(sources, item => item.Item1))
                order.Add(name);
            // Within a partition the log's order stands, also where clocks differ.
            Assert.Equal(["a", "x", "y", "b", "c", "z"], order);
        }
    }

    [Fact]
    public async Task A_file_of_traffic_gives_back_what_was_written_and_counts_what_is_none()
    {
        var path = Path.GetTempFileName();
        var written = new[] { At(1, EventKind.Registered, "r1"), Given.Answer("""{"msgType":"read","data":{"path":"/3/0"}}""", 0x45, 0, "31") };
        await File.WriteAllLinesAsync(path, [FileTraffic.Write(written[0]), "{\"endpoint\": 7", "[]", FileTraffic.Write(written[1])], TestContext.Current.CancellationToken);

        var source = new FileTraffic(path, new TrafficSelection());
        var read = new List<UplinkEvent>();
        await foreach (var (happened, _) in source.ReadAsync(_ => 0, TestContext.Current.CancellationToken))
            read.Add(happened);
        File.Delete(path);

        Assert.Equal(written, read);
        Assert.Equal(2, source.Unreadable);
    }

    static async IAsyncEnumerable<(ulong, string)> Delayed(IEnumerable<(ulong, string)> items, bool hurried)
    {
        foreach (var item in items)
        {
            if (!hurried)
                await Task.Yield();
            yield return item;
        }
    }

    static UplinkEvent At(int seconds, EventKind kind, string registration, string endpoint = "e1") => Given.Uplink(kind, happened =>
    {
        happened.Endpoint = endpoint;
        happened.RegistrationId = registration;
        happened.ReceivedNs = (ulong)Evening.AddSeconds(seconds).ToUnixTimeMilliseconds() * 1_000_000;
    });

    static UplinkEvent OutcomeAt(int seconds, string commandId)
    {
        var happened = At(seconds, EventKind.Outcome, "r1");
        happened.Outcome = Outcome.TimedOut;
        happened.Command = new CommandContext { CommandId = commandId };
        return happened;
    }

    static EventKind[] Kinds(IEnumerable<UplinkEvent> events) => [.. events.Select(happened => happened.Kind)];
}
