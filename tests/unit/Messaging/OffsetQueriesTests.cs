using System.Threading.Channels;
using Messaging;

namespace Pipeline.Tests.Messaging;

public sealed class OffsetQueriesTests
{
    private readonly CancellationToken _ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_asked_while_a_round_is_under_way_goes_together_with_the_next()
    {
        var broker = new Broker();
        var queries = new OffsetQueries(broker.AskAsync);
        var first = queries.AskAsync(End(0));
        var round = await broker.NextAsync(_ct);
        var later = Enumerable.Range(0, 1000).Select(i => queries.AskAsync(End(i % 24))).ToArray();
        round.Answer(1);
        Assert.Equal(1, await first);

        round = await broker.NextAsync(_ct);
        Assert.Equal(24, round.Positions.Count);
        Assert.False(later[0].IsCompleted); // End(0), too: its first answer was older than this question
        round.Answer(2);
        Assert.All(await Task.WhenAll(later), offset => Assert.Equal(2, offset));
        await queries.EndAsync();
        Assert.Equal(2, broker.Rounds);
    }

    [Fact]
    public async Task A_position_without_an_answer_holds_up_no_other_the_next_time()
    {
        var broker = new Broker();
        var queries = new OffsetQueries(broker.AskAsync);
        _ = queries.AskAsync(End(9));
        var round = await broker.NextAsync(_ct);
        var (silent, other) = (queries.AskAsync(End(0)), queries.AskAsync(End(1)));
        round.Answer(0);
        round = await broker.NextAsync(_ct);
        Assert.Equal(2, round.Positions.Count);
        var meanwhile = queries.AskAsync(End(0));
        round.Answer(1, but: End(0));
        Assert.Null(await silent);
        Assert.Equal(1, await other);

        var hanging = await broker.NextAsync(_ct);
        Assert.True(hanging.Again);
        Assert.Equal([End(0)], hanging.Positions);
        other = queries.AskAsync(End(1));
        round = await broker.NextAsync(_ct);
        Assert.False(round.Again);
        round.Answer(2);
        Assert.Equal(2, await other);
        Assert.False(meanwhile.IsCompleted);

        hanging.Answer(3);
        Assert.Equal(3, await meanwhile);
        silent = queries.AskAsync(End(0));
        round = await broker.NextAsync(_ct);
        Assert.False(round.Again); // back among the others
        round.Answer(4);
        Assert.Equal(4, await silent);
    }

    [Fact]
    public async Task An_end_waits_for_the_round_under_way_and_lets_everybody_go()
    {
        var broker = new Broker();
        var queries = new OffsetQueries(broker.AskAsync);
        var left = queries.AskAsync(End(0));
        var round = await broker.NextAsync(_ct);
        var waiting = queries.AskAsync(End(0));
        var ending = queries.EndAsync();
        Assert.Null(await waiting);
        Assert.Null(await queries.AskAsync(End(1)));
        Assert.False(ending.IsCompleted);

        round.Answer(7);
        Assert.Equal(7, await left);
        await ending.WaitAsync(Embedded.Bound, _ct);
        Assert.Equal(1, broker.Rounds);
    }

    private static LogPosition End(int partition) => new("t", partition, LogPosition.End);

    /// <summary>Rounds as they arrive; each waits for its answer.</summary>
    private sealed class Broker
    {
        private readonly Channel<Round> _arrived = Channel.CreateUnbounded<Round>();
        private int _rounds;

        public int Rounds => Volatile.Read(ref _rounds);

        public async Task<IReadOnlyDictionary<LogPosition, long>> AskAsync(IReadOnlyCollection<LogPosition> positions, bool again)
        {
            Interlocked.Increment(ref _rounds);
            var round = new Round(positions, again);
            Assert.True(_arrived.Writer.TryWrite(round));
            return await round.Answers;
        }

        public Task<Round> NextAsync(CancellationToken ct) => _arrived.Reader.ReadAsync(ct).AsTask().WaitAsync(Embedded.Bound, ct);
    }

    private sealed class Round(IReadOnlyCollection<LogPosition> positions, bool again)
    {
        private readonly TaskCompletionSource<IReadOnlyDictionary<LogPosition, long>> _answers = new();

        public IReadOnlyCollection<LogPosition> Positions => positions;
        public bool Again => again;
        public Task<IReadOnlyDictionary<LogPosition, long>> Answers => _answers.Task;

        public void Answer(long offset, LogPosition? but = null) =>
            _answers.SetResult(positions.Where(position => position != but).ToDictionary(position => position, _ => offset));
    }
}
