using System.Collections.Concurrent;
using System.Text;
using Contracts;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Pipeline.IntegrationTests.Kafka;

/// <summary>A name that one process at a time writes under.</summary>
public sealed class FencedProducerTests(KafkaFixture kafka)
{
    [Fact]
    public async Task Who_opens_the_name_last_is_the_only_one_who_can_write()
    {
        var (connection, topic) = await TopicAsync();
        using var paused = await OpenAsync(connection);
        Assert.True(await WriteAsync(paused, topic, "before"));
        using var next = await OpenAsync(connection);
        Assert.True(await WriteAsync(next, topic, "next"));

        var late = await WriteAsync(paused, topic, "late");

        Assert.False(late);
        await Assert.ThrowsAsync<TransactionFailedException>(() => paused.Completion);
        Assert.Equal(AppendStatus.BrokersAway, paused.TryAppend(topic, 0, null, [1], null, new Outcome(), 0));
        Assert.True(await WriteAsync(next, topic, "after"));
        Assert.Equal(["before", "next", "after"], await ReadAsync(connection, topic));
        Assert.False(next.Completion.IsCompleted);
    }

    [Fact]
    public async Task Records_keep_their_order_over_batches_and_what_is_too_large_is_told_at_once()
    {
        var (connection, topic) = await TopicAsync();
        using var producer = await OpenAsync(connection);
        Assert.Equal(AppendStatus.TooLarge, producer.TryAppend(topic, 0, null, new byte[LogProducer.MaxRecordBytes + 1], null, new Outcome(), 0));
        var outcomes = new List<Outcome>();
        for (var i = 0; i < 1000; i++)
        {
            var outcome = new Outcome();
            while (producer.TryAppend(topic, 0, "k"u8.ToArray(), Encoding.UTF8.GetBytes($"{i}"), [new RecordHeader("h", [1])], outcome, i) != AppendStatus.Handed)
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            outcomes.Add(outcome);
        }

        Assert.All(await Task.WhenAll(outcomes.Select(outcome => outcome.Told)), Assert.True);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i}"), await ReadAsync(connection, topic));
    }

    private async Task<(KafkaConnection, string)> TopicAsync()
    {
        var connection = await kafka.ConnectAsync();
        var topics = new Topics(connection.Options.TopicPrefix);
        await TopicProvisioning.EnsureAsync(connection, topics.Specs(connection.Options, embedded: false), NullLogger.Instance, TestContext.Current.CancellationToken);
        return (connection, topics.Commands);
    }

    private static Task<FencedProducer> OpenAsync(KafkaConnection connection) =>
        FencedProducer.OpenAsync(connection, $"{connection.Options.TopicPrefix}.relay", "fenced", NullLogger.Instance, TestContext.Current.CancellationToken);

    private static Task<bool> WriteAsync(FencedProducer producer, string topic, string value)
    {
        var outcome = new Outcome();
        Assert.Equal(AppendStatus.Handed, producer.TryAppend(topic, 0, null, Encoding.UTF8.GetBytes(value), null, outcome, 0));
        return outcome.Told.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static async Task<IReadOnlyList<string>> ReadAsync(KafkaConnection connection, string topic)
    {
        var values = new ConcurrentQueue<string>();
        using var reader = new LogReader(connection, "reader", NullLogger.Instance);
        reader.Start([new LogPosition(topic, 0, LogPosition.Beginning)], record => values.Enqueue(Encoding.UTF8.GetString(record.Value!)));
        Assert.True(await reader.CatchUpAsync(topic, 0, TimeSpan.FromSeconds(60)));
        return [.. values];
    }

    private sealed class Outcome : IAppendSink
    {
        private readonly TaskCompletionSource<bool> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<bool> Told => _told.Task;

        void IAppendSink.Appended(long cookie, int partition, long offset, bool succeeded) => _told.SetResult(succeeded);
    }
}
