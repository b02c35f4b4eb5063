using Contracts;
using Google.Protobuf;
using Messaging;
using Translator.Operations;
using Translator.Partitions;

namespace Pipeline.Tests.Translator;

/// <summary>
/// A former owner that was paused says "accepted" of a command that has been closed since. Who reads all of the log knows better; compaction would
/// leave only the newer record, so the owner writes the older one again.
/// </summary>
public sealed class CoveredOperationTests : IDisposable
{
    private static readonly Topics Topics = new("t");
    private static readonly DownlinkOperation Read =
        new() { Schema = 1, Endpoint = "e1", Kind = OperationKind.Read, Path = "/3", DeadlineMs = Given.Now + 60_000, Command = new CommandContext { CommandId = "c1" } };

    private readonly TranslatorPartition _partition =
        new(0, 1, Topics, () => Given.Rules, new SlotDirectory(), Given.Telemetry, new OperationLimits());

    public void Dispose() => _partition.Dispose();

    [Fact]
    public void A_closed_command_that_is_called_accepted_is_closed_again_in_the_log()
    {
        Fold(Accepted);
        Fold(Closed);
        Fold(Accepted);
        Assert.Empty(_partition.Tick(Given.Now)); // not ours to write before all has been read
        _partition.Release();
        var again = Assert.Single(_partition.Tick(Given.Now)).Steps.Single().Single();
        Assert.Equal((Topics.Operations, Closed), (again.Topic, OperationRecord.Parser.ParseFrom(again.Value)));
        Fold(Closed);
        Assert.Empty(_partition.Tick(Given.Now));
    }

    [Fact]
    public void One_that_somebody_has_closed_again_already_is_left_alone()
    {
        Fold(Closed);
        Fold(Accepted);
        Fold(Closed);
        _partition.Release();
        Assert.Empty(_partition.Tick(Given.Now));
    }

    [Fact]
    public void Own_records_that_are_read_back_late_cover_nothing()
    {
        _partition.Release();
        var accepted = _partition.Book.Accept(Read, Given.Now)!;
        var closed = _partition.Book.Close("e1", "c1", Outcome.Answered, Given.Now)!;
        Fold(accepted);
        Fold(closed);
        Assert.Empty(_partition.Tick(Given.Now));
        Fold(accepted);
        Assert.Single(_partition.Tick(Given.Now));
    }

    private static OperationRecord Accepted => new() { Schema = 1, State = OperationState.Accepted, Operation = Read, AcceptedMs = Given.Now };

    private static OperationRecord Closed => new()
    {
        Schema = 1,
        State = OperationState.Closed,
        Operation = new DownlinkOperation { Endpoint = "e1", Kind = OperationKind.Read, Command = new CommandContext { CommandId = "c1" } },
        ClosedMs = Given.Now,
        Outcome = Outcome.Answered,
    };

    private void Fold(OperationRecord record) => _partition.FoldOperation(Given.Record(Topics.Operations, "e1\0c1", record.ToByteArray()));
}
