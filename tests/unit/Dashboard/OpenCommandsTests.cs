using System.Text;
using Contracts;
using Dashboard.Commands;
using Google.Protobuf;

namespace Pipeline.Tests.Dashboard;

public sealed class OpenCommandsTests
{
    readonly OpenCommands _open = new();

    [Fact]
    public void What_is_accepted_is_open_until_it_is_closed_or_forgotten()
    {
        Fold("e", "c1", OperationState.Accepted);
        Fold("e", "c2", OperationState.Accepted);
        Fold("e", "c1", OperationState.Accepted);
        Assert.Equal(["c1", "c2"], _open.Of("e").Select(c => c.Id));
        Assert.Equal((2, 2, 0), (_open.Count, _open.CountOf("e"), _open.CountOf("f")));

        Fold("e", "c1", OperationState.Closed);
        _open.Fold(Key("e", "c2"), null);
        Assert.Empty(_open.Of("e"));
        Assert.Equal(0, _open.Count);
    }

    [Fact]
    public void An_acknowledgement_of_the_device_shows()
    {
        Fold("e", "c1", OperationState.Accepted);
        _open.Acknowledged("e", EventId.Of("acknowledged\0c2"u8).ToString());
        Assert.False(_open.Of("e")[0].Acknowledged);
        _open.Acknowledged("e", EventId.Of("acknowledged\0c1"u8).ToString());
        Assert.True(_open.Of("e")[0].Acknowledged);
    }

    [Fact]
    public void What_is_no_record_is_left_alone()
    {
        Assert.Null(_open.Fold("no separator"u8.ToArray(), null));
        Assert.Throws<InvalidProtocolBufferException>(() => _open.Fold(Key("e", "c"), [0xFF]));
        Assert.Equal(0, _open.Count);
    }

    void Fold(string endpoint, string id, OperationState state) => _open.Fold(Key(endpoint, id), new OperationRecord
    {
        State = state,
        AcceptedMs = 1,
        Operation = new DownlinkOperation { Endpoint = endpoint, Path = "/3", Command = new CommandContext { CommandId = id, MsgType = "read", ReqPath = "/3" } },
    }.ToByteArray());

    static byte[] Key(string endpoint, string id) => Encoding.UTF8.GetBytes($"{endpoint}\0{id}");
}
