using System.Globalization;
using System.Text;
using Messaging;

namespace Pipeline.Tests.Messaging;

/// <summary>What a producer promises while Kafka refuses, stalls, moves and goes away. (That nothing is written twice is seen on Kafka: the embedded broker forgets who wrote.)</summary>
public sealed class ProducerFaultTests
{
    private const int Count = 300;

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Faults.NotLeader)]
    [InlineData(Faults.RequestTimedOut)]
    [InlineData(Faults.NotEnoughReplicas)]
    [InlineData(Faults.LeaderNotAvailable)]
    public async Task Refusals_that_pass_cost_neither_a_record_nor_the_order(int code)
    {
        using var embedded = Begin();
        var producer = embedded.Producer();
        var outcomes = new Outcomes(Count);
        for (var i = 0; i < Count; i++)
        {
            if (i % 60 == 30)
            {
                embedded.Broker.Refuse(Faults.Produce, code, code);
            }

            Hand(producer, i, outcomes);
            await Task.Yield();
        }

        await AllAcknowledgedAsync(outcomes);
        Assert.Equal(Enumerable.Range(0, Count), await ReadAsync(embedded));
    }

    [Fact]
    public async Task A_leader_that_moves_and_dies_costs_neither_a_record_nor_the_order()
    {
        using var embedded = Begin(brokers: 3);
        var producer = embedded.Producer();
        var outcomes = new Outcomes(Count);
        for (var i = 0; i < Count; i++)
        {
            switch (i)
            {
                case 50:
                    embedded.Broker.Lead(partition: 0, leader: 2);
                    break;
                case 125:
                    embedded.Broker.Lead(partition: 0, leader: 3);
                    break;
                case 200:
                    embedded.Broker.Down(3);
                    break;
                case 250:
                    embedded.Broker.Lead(partition: 0, leader: 1);
                    embedded.Broker.Up(3);
                    break;
            }

            Hand(producer, i, outcomes);
            if (i % 10 == 0)
            {
                await Task.Delay(10, _ct); // some are on their way, some wait
            }
        }

        await AllAcknowledgedAsync(outcomes);
        Assert.False(producer.BrokersAway); // two of three were there all the time
        Assert.Equal(Enumerable.Range(0, Count), (await ReadAsync(embedded)).Distinct());
    }

    [Fact]
    public async Task An_acknowledgement_that_is_lost_comes_later_and_once()
    {
        using var embedded = Begin();
        var producer = embedded.Producer();
        var first = new Outcomes(1);
        Hand(producer, 0, first);
        await AllAcknowledgedAsync(first);

        // The broker writes what it gets, but its answers are still on their way when the connections break.
        embedded.Broker.SetRoundTripTime(TimeSpan.FromSeconds(20));
        var outcomes = new Outcomes(9);
        for (var i = 1; i < 10; i++)
        {
            Hand(producer, i, outcomes);
        }

        await Task.Delay(200, _ct);
        Assert.Empty(outcomes.By); // pending: neither written nor failed, as far as anybody knows
        embedded.Broker.SetDown();
        embedded.Broker.SetRoundTripTime(TimeSpan.Zero);
        embedded.Broker.SetUp();
        await AllAcknowledgedAsync(outcomes);
        Assert.Equal(Enumerable.Range(0, 10), (await ReadAsync(embedded)).Distinct());
    }

    [Fact]
    public async Task What_kafka_was_handed_is_pending_until_it_is_acknowledged_or_given_up_and_what_it_was_not_is_known_at_once()
    {
        using var embedded = Begin(client: new() { ["message.timeout.ms"] = "3000" });
        var producer = embedded.Producer();
        var sent = new Outcomes(1);
        Hand(producer, 0, sent);
        await AllAcknowledgedAsync(sent);

        embedded.Broker.SetDown();
        var handed = new Outcomes(1);
        Hand(producer, 1, handed);
        Assert.True(await EmbeddedBrokerTests.WaitFor(() => producer.BrokersAway));
        Assert.Empty(handed.By);
        var refused = new Outcomes(1);
        Assert.Equal(AppendStatus.BrokersAway, producer.TryAppend(Embedded.Topic, 0, null, Value(2), null, refused, 2));

        await handed.Complete;
        Assert.False(handed.By[1].Succeeded); // given up after its time, and told once
        embedded.Broker.SetUp();
        Assert.True(await EmbeddedBrokerTests.WaitFor(() => !producer.BrokersAway));
        var next = new Outcomes(1);
        Hand(producer, 3, next);
        await AllAcknowledgedAsync(next);
        Assert.Equal([0, 3], (await ReadAsync(embedded)).Where(value => value != 1));
        Assert.Empty(refused.By); // nothing was handed, so nothing is told
    }

    // One request at a time: the embedded broker knows no sequence numbers, with which Kafka keeps the order of several.
    private static Embedded Begin(int brokers = 1, Dictionary<string, string>? client = null) =>
        new(partitions: 1, brokers: brokers, client: new(client ?? []) { ["max.in.flight"] = "1" });

    private static byte[] Value(int number) => Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    private static void Hand(LogProducer producer, int number, Outcomes outcomes) =>
        Assert.Equal(AppendStatus.Handed, producer.TryAppend(Embedded.Topic, 0, null, Value(number), null, outcomes, number));

    private static async Task AllAcknowledgedAsync(Outcomes outcomes)
    {
        await outcomes.Complete; // each is told once: Outcomes sees to it
        Assert.All(outcomes.By.Values, outcome => Assert.True(outcome.Succeeded));
    }

    private static async Task<int[]> ReadAsync(Embedded embedded)
    {
        using var reader = new LogReader(embedded.Connection, "after", embedded.Logger);
        var read = new Collected();
        reader.Start([new LogPosition(Embedded.Topic, 0, LogPosition.Beginning)], read.Add);
        Assert.True(await reader.CatchUpAsync(Embedded.Topic, 0, Embedded.Bound));
        return [.. read.Values.Select(value => int.Parse(value, CultureInfo.InvariantCulture))];
    }
}
