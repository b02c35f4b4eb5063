using Contracts;
using Translator.Operations;

namespace Pipeline.Tests.Translator;

public sealed class OperationBookTests
{
    private static readonly HandOverTarget Target = new(1, 5, 9);
    private readonly OperationBook _book = new(new OperationLimits { MaxOpen = 3, MaxOpenBytes = 1000, MaxClosed = 2 });

    [Fact]
    public void A_command_is_open_then_closed_and_stays_so_whatever_is_read_later()
    {
        var accepted = _book.Accept(Operation("c"), Given.Now)!;
        Assert.Equal((OperationState.Accepted, Given.Now, OperationStanding.Open), (accepted.State, accepted.AcceptedMs, _book.StandingOf("e1", "c")));
        var closed = _book.Close("e1", "c", Outcome.Answered, Given.Now + 1)!;
        Assert.Equal((OperationState.Closed, "c", "", Outcome.Answered), (closed.State, closed.Operation.Command.CommandId, closed.Operation.Path, closed.Outcome));
        _book.Fold(new OperationKey("e1", "c"), accepted);
        Assert.Equal((OperationStanding.Closed, 0), (_book.StandingOf("e1", "c"), _book.OpenCount));
        Assert.Null(_book.Close("e1", "c", Outcome.TimedOut, Given.Now));
    }

    [Fact]
    public void An_outcome_closes_a_command_that_stands_nowhere()
    {
        Assert.NotNull(_book.Close("e1", "c", Outcome.Invalid, Given.Now));
        Assert.Equal(OperationStanding.Closed, _book.StandingOf("e1", "c"));
    }

    [Fact]
    public void There_is_room_for_so_many_and_so_much()
    {
        Assert.NotNull(_book.Accept(Operation("a"), Given.Now));
        Assert.Null(_book.Accept(Operation("big", payload: 1000), Given.Now));
        Assert.NotNull(_book.Accept(Operation("b"), Given.Now));
        Assert.NotNull(_book.Accept(Operation("c"), Given.Now));
        Assert.Null(_book.Accept(Operation("d"), Given.Now));
        _book.Close("e1", "a", Outcome.Answered, Given.Now);
        Assert.NotNull(_book.Accept(Operation("d"), Given.Now));
    }

    [Fact]
    public void Operations_are_handed_in_order_once_to_each_target()
    {
        _book.Accept(Operation("b"), Given.Now);
        _book.Accept(Operation("a"), Given.Now);
        _book.Accept(Operation("x", endpoint: "e2"), Given.Now);
        var handed = _book.HandOver("e1", Target);
        Assert.Equal(["b", "a"], handed.Select(operation => operation.Command.CommandId));
        Assert.All(handed, operation => Assert.Equal((5UL, 9UL), (operation.Epoch, operation.RegistrationNumber)));
        Assert.Empty(_book.HandOver("e1", Target));
        foreach (var changed in new[] { Target with { Epoch = 6 }, Target with { Number = 10 }, Target with { Slot = 2 } })
        {
            Assert.Equal(2, _book.HandOver("e1", changed).Count);
        }

        Assert.Equal(["e1", "e2"], _book.Endpoints.Order());
    }

    [Theory]
    [InlineData(false, false, Outcome.NeverSent)]
    [InlineData(true, false, Outcome.Unknown)]
    [InlineData(false, true, Outcome.Unknown)]
    public void What_nobody_ended_ends_after_the_deadline_and_MAX_TRANSMIT_WAIT(bool handed, bool restarted, Outcome outcome)
    {
        var book = _book;
        var accepted = book.Accept(Operation("c"), Given.Now)!;
        if (restarted)
        {
            book = new OperationBook(new OperationLimits());
            book.Fold(new OperationKey("e1", "c"), accepted);
        }

        if (handed)
        {
            book.HandOver("e1", Target);
        }

        var end = Given.Now + 1000 + 93_000;
        Assert.Empty(book.TakeOverdue(end - 1, 10));
        Assert.Equal(outcome, Assert.Single(book.TakeOverdue(end, 10)).Outcome);
        Assert.Empty(book.TakeOverdue(end, 10));
        Assert.Empty(book.HandOver("e1", Target with { Epoch = 99 }));
        Assert.Equal(OperationStanding.Open, book.StandingOf("e1", "c"));
    }

    [Fact]
    public void What_ended_in_time_is_not_overdue()
    {
        _book.Accept(Operation("c"), Given.Now);
        _book.Close("e1", "c", Outcome.Answered, Given.Now);
        Assert.Empty(_book.TakeOverdue(long.MaxValue, 10));
    }

    [Fact]
    public void Closed_commands_are_forgotten_after_a_day_and_the_oldest_of_too_many_before()
    {
        _book.Close("e1", "a", Outcome.Answered, Given.Now);
        _book.Close("e1", "b", Outcome.Answered, Given.Now + 1);
        Assert.Empty(_book.TakeForgotten(Given.Now + 10, 10));
        _book.Close("e1", "c", Outcome.Answered, Given.Now + 2);
        Assert.Equal(["a"], _book.TakeForgotten(Given.Now + 10, 10).Select(key => key.CommandId));
        Assert.Equal(["b"], _book.TakeForgotten(Given.Now + 86_400_001, 10).Select(key => key.CommandId));
        Assert.Equal(["c"], _book.TakeForgotten(long.MaxValue - 86_400_000, 1).Select(key => key.CommandId));
        Assert.Equal(0, _book.ClosedCount);
    }

    [Fact]
    public void A_tombstone_never_takes_an_open_command_away()
    {
        _book.Accept(Operation("c"), Given.Now);
        _book.Fold(new OperationKey("e1", "c"), null);
        Assert.Equal(OperationStanding.Open, _book.StandingOf("e1", "c"));
        _book.Close("e1", "c", Outcome.Answered, Given.Now);
        _book.Fold(new OperationKey("e1", "c"), null);
        Assert.Equal(OperationStanding.Unknown, _book.StandingOf("e1", "c"));
    }

    [Theory]
    [InlineData("e1", "c")]
    [InlineData("urn:imei:é", "a\0b")]
    public void Keys_come_back(string endpoint, string id)
    {
        Assert.True(OperationKey.TryParse(new OperationKey(endpoint, id).ToBytes(), out var key));
        Assert.Equal(new OperationKey(endpoint, id), key);
        Assert.False(OperationKey.TryParse("noend"u8, out _));
    }

    private static DownlinkOperation Operation(string id, string endpoint = "e1", int payload = 0) => new()
    {
        Schema = 1,
        Endpoint = endpoint,
        Kind = OperationKind.Read,
        Path = "/3/0",
        DeadlineMs = Given.Now + 1000,
        Payload = Google.Protobuf.ByteString.CopyFrom(new byte[payload]),
        Command = new CommandContext { CommandId = id },
    };
}
