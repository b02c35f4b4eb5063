using Messaging;

namespace Pipeline.Tests.Messaging;

public sealed class WatermarkQueriesTests
{
    private static readonly TopicPartition s_partition = new("t", 0);

    [Fact]
    public async Task Questions_asked_before_one_has_left_share_it_and_later_ones_get_the_next()
    {
        using var leave = new SemaphoreSlim(0);
        using var left = new SemaphoreSlim(0);
        var asked = 0;
        using var queries = new WatermarkQueries(
            _ =>
            {
                var number = Interlocked.Increment(ref asked);
                left.Release();
                leave.Wait();
                return new Watermarks(0, number);
            },
            "test");

        var first = queries.AskAsync(s_partition);
        await left.WaitAsync(Embedded.Bound);
        var later = Enumerable.Range(0, 100).Select(_ => queries.AskAsync(s_partition)).ToArray();
        leave.Release();
        await left.WaitAsync(Embedded.Bound);
        leave.Release();

        Assert.Equal(1, (await first)!.Value.High);
        Assert.All(await Task.WhenAll(later), marks => Assert.Equal(2, marks!.Value.High));
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task An_end_without_an_answer_lets_everybody_go()
    {
        using var left = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        var queries = new WatermarkQueries(
            _ =>
            {
                left.Release();
                leave.Wait();
                return null;
            },
            "test");
        var first = queries.AskAsync(s_partition);
        await left.WaitAsync(Embedded.Bound);
        var second = queries.AskAsync(s_partition);
        var ending = Task.Run(queries.Dispose);
        leave.Release(2); // the second may have left before the end
        await ending.WaitAsync(Embedded.Bound);

        Assert.Null(await first);
        Assert.Null(await second);
        Assert.Null(await queries.AskAsync(s_partition));
    }
}
