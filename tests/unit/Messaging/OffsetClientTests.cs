using Messaging;

namespace Pipeline.Tests.Messaging;

public sealed class OffsetClientTests
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public void Clients_of_one_connection_share_it_until_the_last_has_gone()
    {
        using var embedded = new Embedded();
        var first = OffsetClient.Share(embedded.Connection, embedded.Logger);
        var second = OffsetClient.Share(embedded.Connection, embedded.Logger);
        Assert.Same(first, second);
        first.Dispose();
        using (var third = OffsetClient.Share(embedded.Connection, embedded.Logger))
        {
            Assert.Same(first, third);
        }

        second.Dispose();
        using var anew = OffsetClient.Share(embedded.Connection, embedded.Logger);
        Assert.NotSame(first, anew);
        using var elsewhere = OffsetClient.Share(embedded.Connection with { }, embedded.Logger); // may lead to other brokers
        Assert.NotSame(anew, elsewhere);
    }

    [Fact]
    public async Task Both_ends_of_many_partitions_are_told_and_nothing_of_one_that_is_not_there()
    {
        using var embedded = new Embedded();
        var producer = embedded.Producer();
        for (var partition = 0; partition < 4; partition++)
        {
            for (var i = 0; i <= partition; i++)
            {
                await producer.AppendAsync(Embedded.Topic, partition, null, [1], null, _ct);
            }
        }

        using var client = OffsetClient.Share(embedded.Connection, embedded.Logger);
        var missing = client.AskAsync(new LogPosition(Embedded.Topic, 9, LogPosition.End));
        var ends = Enumerable.Range(0, 4).Select(p => AnswerAsync(client, new LogPosition(Embedded.Topic, p, LogPosition.End)));
        var beginnings = Enumerable.Range(0, 4).Select(p => AnswerAsync(client, new LogPosition(Embedded.Topic, p, LogPosition.Beginning)));
        var told = await Task.WhenAll(ends.Concat(beginnings));
        Assert.Equal([1L, 2, 3, 4, 0, 0, 0, 0], told);
        Assert.Null(await missing);
    }

    [Fact]
    public async Task Brokers_that_are_away_give_no_answer_and_are_found_again()
    {
        using var embedded = new Embedded();
        using var client = OffsetClient.Share(embedded.Connection, embedded.Logger);
        var end = new LogPosition(Embedded.Topic, 0, LogPosition.End);
        Assert.Equal(0, await AnswerAsync(client, end));
        embedded.Broker.SetDown();
        for (var i = 0; i < 5; i++)
        {
            Assert.Null(await client.AskAsync(end));
        }

        embedded.Broker.SetUp();
        Assert.Equal(0, await AnswerAsync(client, end));
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_in_time_gives_no_answer()
    {
        using var embedded = new Embedded();
        using var client = OffsetClient.Share(embedded.Connection, embedded.Logger);
        var end = new LogPosition(Embedded.Topic, 0, LogPosition.End);
        Assert.Equal(0, await AnswerAsync(client, end));
        embedded.Broker.SetRoundTripTime(TimeSpan.FromSeconds(5));
        Assert.Null(await client.AskAsync(end)); // and not the client's -1001
        embedded.Broker.SetRoundTripTime(TimeSpan.Zero);
        Assert.Equal(0, await AnswerAsync(client, end));
    }

    private static async Task<long> AnswerAsync(OffsetClient client, LogPosition position)
    {
        for (var until = Environment.TickCount64 + Embedded.Bound.TotalMilliseconds; Environment.TickCount64 < until;)
        {
            if (await client.AskAsync(position) is { } offset)
            {
                return offset;
            }
        }

        throw new TimeoutException();
    }
}
