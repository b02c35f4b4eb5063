using Messaging;

namespace Pipeline.Tests.Messaging;

/// <summary>Readers and members of groups whose clients stand still: the former are rebuilt where they are, the latter ended.</summary>
public sealed class ReaderStandstillTests
{
    private static readonly Patience s_patience =
        new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(500));

    // Four looks; a question that is not answered takes two seconds.
    private static readonly TimeSpan s_tooLong = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_tooLongInAnOutage = TimeSpan.FromSeconds(9);

    // After an error such a client does not fetch again: from outside it looks like one that has given up.
    private static readonly Dictionary<string, string> s_givesUp = new() { ["fetch.error.backoff.ms"] = "300000" };

    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;
    private readonly LogLines _log = new();

    [Fact]
    public async Task A_reader_that_gets_nothing_goes_on_with_a_new_client()
    {
        using var embedded = Begin(s_givesUp);
        var producer = embedded.Producer();
        var read = new Collected();
        var reader = embedded.Reader();
        reader.Start([At(0), At(1)], read.Add);
        await AppendAsync(producer, 0, 3);
        await AppendAsync(producer, 1, 3);
        await read.Reach(6);

        embedded.Broker.Refuse(Faults.Fetch, Faults.NotLeader);
        var written = 6;
        for (; !HasLine("Error: test-reader has read nothing of t.records["); written++)
        {
            await AppendAsync(producer, written % 2, 1);
        }

        await read.Reach(written);
        Assert.False(reader.Completion.IsCompleted);

        // As before in every respect.
        reader.Unassign([new TopicPartition(Embedded.Topic, 0)]);
        reader.Assign([At(2)]);
        await AppendAsync(producer, 1, 1);
        await AppendAsync(producer, 2, 1);
        await read.Reach(written + 2);
        Assert.True(await reader.CatchUpAsync(Embedded.Topic, 2, Embedded.Bound));
        Assert.All(
            read.All.GroupBy(record => record.Partition),
            partition => Assert.Equal(Enumerable.Range(0, partition.Count()).Select(i => (long)i), partition.Select(record => record.Offset)));
    }

    [Fact]
    public async Task A_reader_waits_out_an_outage_with_the_client_that_it_has()
    {
        using var embedded = Begin();
        var producer = embedded.Producer();
        var read = new Collected();
        var reader = embedded.Reader();
        reader.Start([At(0)], read.Add);
        await AppendAsync(producer, 0, 1);
        await read.Reach(1);
        embedded.Broker.SetDown();
        await PassAsync();
        embedded.Broker.SetUp();
        await AppendAsync(producer, 0, 1);
        await read.Reach(2);
        await PassAsync(); // at the end of the log there is nothing to be had
        Assert.False(HasLine("has read nothing"));
    }

    [Fact]
    public async Task A_handler_that_is_slow_is_no_standstill_of_the_client()
    {
        using var embedded = Begin();
        var producer = embedded.Producer();
        using var gate = new ManualResetEventSlim();
        var read = new Collected();
        var reader = embedded.Reader();
        reader.Start([At(0)], record =>
        {
            gate.Wait(Embedded.Bound);
            read.Add(record);
        });
        await AppendAsync(producer, 0, 5);
        await PassAsync();
        gate.Set();
        await read.Reach(5);
        Assert.Equal(5, read.All.Length);
        Assert.False(HasLine("has read nothing"));
    }

    [Fact]
    public async Task Ends_of_logs_are_told_by_a_new_client_when_the_old_one_is_silent()
    {
        using var embedded = Begin();
        var reader = embedded.Reader();
        Assert.Equal(0, await reader.EndOffsetAsync(Embedded.Topic, 0, Embedded.Bound));
        embedded.Broker.SetDown();
        var asking = reader.EndOffsetAsync(Embedded.Topic, 0, 2 * Embedded.Bound);
        Assert.True(await EmbeddedBrokerTests.WaitFor(() => HasLine("connected anew")));
        Assert.False(asking.IsCompleted);
        embedded.Broker.SetUp();
        Assert.Equal(0, await asking);
    }

    [Fact]
    public async Task A_member_that_gets_nothing_is_ended()
    {
        using var embedded = Begin(s_givesUp);
        var producer = embedded.Producer();
        var handler = new Handled();
        var member = handler.Member = embedded.Member(handler);
        member.Start();
        await AppendAsync(producer, 0, 3);
        await handler.Read.Reach(3);

        embedded.Broker.Refuse(Faults.Fetch, Faults.NotLeader);
        for (var written = 0; !member.Completion.IsCompleted; written++)
        {
            await AppendAsync(producer, written % 4, 1);
        }

        var end = await Assert.ThrowsAsync<TimeoutException>(() => member.Completion.WaitAsync(Embedded.Bound, _ct));
        Assert.Contains("nothing was read of t.records[", end.Message, StringComparison.Ordinal);
        Assert.False(member.Assigned);
        await member.StopAsync(TimeSpan.Zero).WaitAsync(Embedded.Bound, _ct);
        await Task.Run(member.Dispose, _ct).WaitAsync(Embedded.Bound, _ct);
    }

    [Fact]
    public async Task A_member_that_is_never_assigned_anything_is_ended()
    {
        using var embedded = Begin();
        embedded.Broker.RefuseAll(Faults.JoinGroup, Faults.NotCoordinator);
        var member = embedded.Member(new Handled());
        member.Start();
        var end = await Assert.ThrowsAsync<TimeoutException>(() => member.Completion.WaitAsync(Embedded.Bound, _ct));
        Assert.Contains("no assignment for 1 s", end.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_coordinator_that_is_away_ends_no_member()
    {
        using var embedded = Begin();
        embedded.Broker.RefuseAll(Faults.FindCoordinator, Faults.CoordinatorNotAvailable);
        var member = embedded.Member(new Handled());
        member.Start();
        await PassAsync(s_tooLongInAnOutage);
        Assert.False(member.Completion.IsCompleted);
    }

    [Fact]
    public async Task An_outage_that_lasts_ends_no_member()
    {
        using var embedded = Begin();
        var producer = embedded.Producer();
        var handler = new Handled();
        var member = handler.Member = embedded.Member(handler);
        member.Start();
        await AppendAsync(producer, 0, 1);
        await handler.Read.Reach(1);
        embedded.Broker.SetDown();
        await PassAsync(s_tooLongInAnOutage);
        Assert.False(member.Completion.IsCompleted);
    }

    [Fact]
    public async Task A_member_that_waits_for_room_or_has_nothing_to_read_is_not_ended()
    {
        using var embedded = Begin();
        var producer = embedded.Producer();
        var handler = new Handled { Holds = true };
        var member = handler.Member = embedded.Member(handler, most: 2);
        member.Start();
        await AppendAsync(producer, 0, 10);
        await handler.Read.Reach(2);
        await PassAsync();
        Assert.False(member.Completion.IsCompleted);
        Assert.Equal(2, handler.Read.All.Length);
    }

    private Embedded Begin(Dictionary<string, string>? client = null) => new(client: client, logger: _log, patience: s_patience);

    private bool HasLine(string text) => _log.Lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    private static LogPosition At(int partition) => new(Embedded.Topic, partition, LogPosition.Beginning);

    private async Task AppendAsync(LogProducer producer, int partition, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True((await producer.AppendAsync(Embedded.Topic, partition, null, [1], null, _ct).WaitAsync(Embedded.Bound, _ct)).Succeeded);
        }
    }

    // Time must pass.
    private Task PassAsync(TimeSpan? time = null) => Task.Delay(time ?? s_tooLong, _ct);
}
