using Contracts;
using Tools.Output;
using Tools.Traffic;

namespace Pipeline.Tests.Tools;

public sealed class ProgressBarTests
{
    [Fact]
    public void Half_way_the_bar_is_half_full_and_as_much_time_is_to_go() => Assert.Equal(
        "replay [###############...............]  50 %  1000 done, 100/s, 00:00:10 to go",
        ProgressBar.LineOf("replay", 1000, 0.5, TimeSpan.FromSeconds(10)));

    [Fact]
    public void Without_an_end_there_is_a_count() =>
        Assert.Equal("diff  30 done, 10/s", ProgressBar.LineOf("diff", 30, null, TimeSpan.FromSeconds(3)));

    [Fact]
    public void Without_a_terminal_nothing_is_written()
    {
        using var bar = new ProgressBar("replay", null);
        bar.Report(1, 0.5);
    }

    [Fact]
    public void What_was_shown_is_cleared()
    {
        var terminal = new StringWriter();
        using (var bar = new ProgressBar("replay", terminal))
        {
            while (terminal.GetStringBuilder().Length == 0)
                bar.Report(1, 0.5);
        }
        Assert.EndsWith("\r\e[K", terminal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watched_traffic_is_the_traffic()
    {
        using var bar = new ProgressBar("replay", new StringWriter());
        var watched = new WatchedTraffic(new Three(), bar, DateTimeOffset.UnixEpoch.AddSeconds(10));
        var seen = new List<ulong>();
        await foreach (var (happened, twice) in watched.ReadAsync(happened => happened.ReceivedNs * 2, TestContext.Current.CancellationToken))
            seen.Add(twice);
        Assert.Equal([2UL, 4UL, 6UL], seen);
        Assert.Equal(7, watched.Unreadable);
    }

    sealed class Three : ITrafficSource
    {
        public long Unreadable => 7;

        public async IAsyncEnumerable<(UplinkEvent Event, T Result)> ReadAsync<T>(
            Func<UplinkEvent, T> work, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
        {
            for (var i = 1UL; i <= 3; i++)
            {
                await Task.Yield();
                var happened = new UplinkEvent { ReceivedNs = i };
                yield return (happened, work(happened));
            }
        }
    }
}
