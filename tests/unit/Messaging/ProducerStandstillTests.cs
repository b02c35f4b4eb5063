using Messaging;

namespace Pipeline.Tests.Messaging;

/// <summary>A producer that stands still while Kafka answers others is ended; one that has a reason to wait never is.</summary>
public sealed class ProducerStandstillTests
{
    private static readonly Patience s_patience =
        new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(4), TimeSpan.FromMilliseconds(500));

    // Six looks; a question that is not answered takes a second and more.
    private static readonly TimeSpan s_tooLong = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_tooLongInAnOutage = TimeSpan.FromSeconds(10);

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly LogLines _log = new();

    [Fact]
    public async Task A_client_that_sends_nothing_is_ended()
    {
        // It gathers records for longer than anybody would wait: from outside it looks like one that has given up.
        using var embedded = Begin(new() { ["linger.ms"] = "200000" });
        var producer = embedded.Producer();
        Assert.Equal(AppendStatus.Handed, producer.TryAppend(Embedded.Topic, 0, null, [1], null, new Outcomes(int.MaxValue), 0));
        var end = await Assert.ThrowsAsync<TimeoutException>(() => producer.Completion.WaitAsync(Embedded.Bound, _ct));
        Assert.Contains("test-producer stands still", end.Message, StringComparison.Ordinal);
        Assert.True(await EmbeddedBrokerTests.WaitFor(() => _log.Lines.Any(
            line => line.StartsWith("Critical: test-producer ends: no record was acknowledged", StringComparison.Ordinal))));
        Assert.Equal(AppendStatus.BrokersAway, producer.TryAppend(Embedded.Topic, 0, null, [1], null, new Outcomes(1), 0));
        await Task.Run(producer.Dispose, _ct).WaitAsync(Embedded.Bound, _ct);
    }

    [Fact]
    public async Task An_outage_that_lasts_ends_nothing()
    {
        using var embedded = Begin();
        var producer = embedded.Producer();
        await producer.AppendAsync(Embedded.Topic, 0, null, [0], null, _ct);
        embedded.Broker.SetDown();
        Assert.Equal(AppendStatus.Handed, producer.TryAppend(Embedded.Topic, 0, null, [1], null, new Outcomes(1), 0));
        await StaysAsync(producer, s_tooLongInAnOutage);
        embedded.Broker.SetUp();
        Assert.True((await AppendAsync(producer)).Succeeded);
    }

    [Fact]
    public async Task A_broker_that_is_slow_ends_nothing()
    {
        using var embedded = Begin();
        var producer = embedded.Producer();
        embedded.Broker.SetRoundTripTime(TimeSpan.FromMilliseconds(800));
        using var stop = new CancellationTokenSource();
        var writing = WriteAsync(producer, stop.Token);
        await StaysAsync(producer);
        await stop.CancelAsync();
        await writing;
    }

    [Theory]
    [InlineData(Faults.Produce, Faults.NotEnoughReplicas)]
    [InlineData(Faults.Produce, Faults.RequestTimedOut)]
    [InlineData(Faults.InitProducerId, Faults.CoordinatorNotAvailable)]
    public async Task What_kafka_refuses_for_now_is_offered_again_and_again(int request, int code)
    {
        using var embedded = Begin();
        embedded.Broker.RefuseAll((short)request, code);
        var producer = embedded.Producer();
        var append = AppendAsync(producer);
        await StaysAsync(producer);
        Assert.False(append.IsCompleted);
        embedded.Broker.Accept((short)request);
        Assert.True((await append).Succeeded);
    }

    [Fact]
    public async Task A_partition_without_a_leader_ends_nothing()
    {
        using var embedded = Begin();
        var producer = embedded.Producer();
        embedded.Broker.Lead(partition: 0, leader: -1);
        var append = AppendAsync(producer);
        await StaysAsync(producer, s_tooLongInAnOutage);
        Assert.False(append.IsCompleted);
        embedded.Broker.Lead(partition: 0, leader: 1);
        Assert.True((await append).Succeeded);
    }

    [Fact]
    public async Task Who_has_nothing_to_write_does_not_stand_still()
    {
        using var embedded = Begin();
        var producer = embedded.Producer();
        await AppendAsync(producer);
        await StaysAsync(producer);
    }

    private Embedded Begin(Dictionary<string, string>? client = null) =>
        new(client: client ?? new() { ["retry.backoff.max.ms"] = "200" }, logger: _log, patience: s_patience);

    private Task<AppendResult> AppendAsync(LogProducer producer) =>
        producer.AppendAsync(Embedded.Topic, 0, null, [1], null, _ct).WaitAsync(Embedded.Bound, _ct);

    private static async Task WriteAsync(LogProducer producer, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Assert.True((await producer.AppendAsync(Embedded.Topic, 0, null, [1], null, CancellationToken.None)).Succeeded);
        }
    }

    // Time must pass.
    private async Task StaysAsync(LogProducer producer, TimeSpan? time = null)
    {
        await Task.Delay(time ?? s_tooLong, _ct);
        Assert.False(producer.Completion.IsCompleted);
    }
}
