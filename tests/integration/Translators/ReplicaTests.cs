using Pipeline.IntegrationTests.Gateways;
using Pipeline.IntegrationTests.Kafka;

namespace Pipeline.IntegrationTests.Translators;

/// <summary>
/// Replicas come, go, die and hang under load, in both modes: nothing is lost, first arrivals stay in order, each command has one outcome. What is
/// told twice lay behind the committed positions; with translator.exactly_once nothing is.
/// </summary>
public sealed class ReplicaTests(TranslatorKafkaFixture kafka) : IClassFixture<TranslatorKafkaFixture>
{
    static readonly TimeSpan SessionIsOver = TimeSpan.FromSeconds(9); // of 6 s, and the rebalance

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Scaling_with_sigterm_does_nothing_twice(bool exactlyOnce)
    {
        await using var rig = await kafka.RigAsync(exactlyOnce);
        await rig.StartAsync(0);
        rig.Load(notificationsPerSecond: 400, commandsPerSecond: 20);
        await rig.FlowsAsync(200);

        await Task.WhenAll(rig.StartAsync(1), rig.StartAsync(2));
        await rig.FlowsAsync(400);
        foreach (var leaver in new[] { 0, 2 })
        {
            Assert.Equal(0, await rig.Replicas[leaver].StopAsync());
            // It has left the group: nobody waits for the end of its session, which is 6 s.
            Assert.InRange(await rig.FlowsEverywhereAsync(), TimeSpan.Zero, TimeSpan.FromSeconds(4));
        }


        await rig.EndAsync();
        rig.Ledger.AssertSound();
        Assert.Empty(rig.Ledger.Repeated);
        Assert.Equal(0, rig.Ledger.RepeatedOutcomes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_replica_that_is_killed_repeats_at_most_what_was_not_committed(bool exactlyOnce)
    {
        await using var rig = await kafka.RigAsync(exactlyOnce);
        await Task.WhenAll(rig.StartAsync(0), rig.StartAsync(1));
        rig.Load(notificationsPerSecond: 400, commandsPerSecond: 20);
        await rig.FlowsAsync(400);

        var committed = await rig.FreezeInFlightAsync(1);
        await rig.Replicas[1].KillAsync();
        await Task.Delay(SessionIsOver, TestContext.Current.CancellationToken);
        await rig.FlowsAsync(400);
        await rig.StartAsync(1);
        await rig.FlowsAsync(400);

        await rig.EndAsync();
        rig.Ledger.AssertSound();
        AssertBounded(rig, committed, exactlyOnce);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_replica_that_hangs_past_its_session_does_no_harm_when_it_goes_on(bool exactlyOnce)
    {
        await using var rig = await kafka.RigAsync(exactlyOnce);
        await Task.WhenAll(rig.StartAsync(0), rig.StartAsync(1));
        rig.Load(notificationsPerSecond: 400, commandsPerSecond: 20);
        await rig.FlowsAsync(400);

        var committed = await rig.FreezeInFlightAsync(1);
        await Task.Delay(SessionIsOver, TestContext.Current.CancellationToken);
        await rig.FlowsAsync(400);
        await rig.Replicas[1].ThawAsync();
        await rig.Replicas[1].ReadyAsync();
        await rig.FlowsAsync(800);

        // It is a member again, not a bystander.
        await rig.Replicas[0].StopAsync();
        await rig.FlowsAsync(400);
        await rig.EndAsync();
        rig.Ledger.AssertSound();
        AssertBounded(rig, committed, exactlyOnce);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Kafka_goes_away_and_comes_back_among_poison_and_only_poison_is_left_aside(bool exactlyOnce)
    {
        await using var rig = await kafka.RigAsync(exactlyOnce);
        await Task.WhenAll(rig.StartAsync(0), rig.StartAsync(1));
        rig.Load(notificationsPerSecond: 300, commandsPerSecond: 20, poisonPerSecond: 50);
        await rig.PoisonBySizeAsync();
        await rig.FlowsAsync(300);

        var committed = rig.Committed();
        await kafka.Cluster.KillAsync();
        await Task.Delay(SessionIsOver, TestContext.Current.CancellationToken);
        await kafka.Cluster.RestartAsync();
        await rig.FlowsAsync(600);

        await rig.EndAsync();
        rig.Ledger.AssertSound();
        AssertBounded(rig, committed, exactlyOnce);
        Assert.Equal(["append", "decode"], rig.Stages.Keys.Order());
        Assert.Equal(1, rig.Stages["append"]);
        if (exactlyOnce)
            Assert.Equal(0, rig.RepeatedDeadLetters);
    }

    static void AssertBounded(TranslatorRig rig, long[] committed, bool exactlyOnce)
    {
        var repeated = rig.Ledger.Repeated;
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{repeated.Count} events and {rig.Ledger.RepeatedOutcomes} outcomes told twice, of {rig.Ledger.Seen}");
        if (exactlyOnce)
        {
            Assert.Empty(repeated);
            Assert.Equal(0, rig.Ledger.RepeatedOutcomes);
        }

        Assert.All(repeated, source => Assert.True(source.Offset >= committed[source.Partition], $"{source} was committed at {committed[source.Partition]}"));
    }
}
