using Contracts;
using Messaging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Pipeline.Tests.Messaging;

/// <summary>Topics that are read by several parts of the process for its whole life: nobody who writes to them may be stopped for it.</summary>
public sealed class ReadersOfEmbeddedBrokerTests
{
    private const int RecordBytes = 50_000;
    private const int Records = 3 * UnreadBudget.Limit / RecordBytes;

    [Fact]
    public async Task A_reader_that_is_gone_holds_up_nobody()
    {
        using var embedded = new Embedded(partitions: 1);
        var producer = embedded.Producer();
        using (var reader = embedded.Reader())
        {
            reader.Start([new LogPosition(Embedded.Topic, 0, LogPosition.Beginning)], static _ => { });
            Assert.True(await reader.CatchUpAsync(Embedded.Topic, 0, Embedded.Bound));
        }

        await WriteAsync(producer, Embedded.Topic, Records);
    }

    // A heartbeat every two seconds from each of four services: this is more than a day of them.
    [Fact]
    public async Task Heartbeats_of_days_find_room_as_long_as_the_readers_keep_up()
    {
        var topics = new Topics("days");
        using var broker = EmbeddedBroker.Start(topics.Specs(new(), embedded: true));
        var kafka = new KafkaConnection(broker.BootstrapServers, Embedded: true, new(), broker.Budget);
        using var producer = new LogProducer(kafka, "beats", NullLogger.Instance);
        using var early = new LogReader(kafka, "early", NullLogger.Instance);
        using var late = new LogReader(kafka, "late", NullLogger.Instance);
        List<LogPosition> all = [new(topics.Instances, 0, LogPosition.Beginning), new(topics.Config, 0, LogPosition.Beginning)];
        var (ofEarly, ofLate) = (0, 0);
        early.Start(all, _ => ofEarly++);
        late.Start(all, _ => ofLate++);
        var beat = new InstanceRecord { Kind = "heartbeat", Address = "gateway-host-1", HeartbeatMs = 1_700_000_000_000, ConfigOffset = 3 }.ToJson();
        const int Beats = 200_000;
        var outcomes = new Outcomes(Beats) { Keeps = false };
        var refused = 0;
        for (var i = 0; i < Beats; i++)
        {
            while (producer.TryAppend(topics.Instances, 0, InstanceRecord.KeyOf("egress", "x"), beat, null, outcomes, i) != AppendStatus.Handed)
            {
                refused++;
                await Task.Delay(1, CancellationToken.None); // faster than life: the readers may be behind for a moment
            }
        }

        producer.Flush(Embedded.Bound);
        Assert.True(await early.CatchUpAsync(topics.Instances, 0, Embedded.Bound));
        Assert.True(await late.CatchUpAsync(topics.Instances, 0, Embedded.Bound));
        Assert.Equal((Beats, Beats), (ofEarly, ofLate));
        Assert.Equal(AppendStatus.Handed, producer.TryAppend(topics.Config, 0, null, beat, null, outcomes, 0));
        Assert.True(refused < Beats, "the readers never caught up");
    }

    private static async Task WriteAsync(LogProducer producer, string topic, int records)
    {
        using var patience = new CancellationTokenSource(Embedded.Bound);
        for (var i = 0; i < records; i++)
        {
            Assert.True((await producer.AppendAsync(topic, 0, null, new byte[RecordBytes], null, patience.Token)).Succeeded);
        }
    }
}
