using Protocol.Coap;
using Tools.Load;

namespace Pipeline.Tests.Tools;

public sealed class LoadMessagesTests
{
    [Fact]
    public void Notification_holds_the_number_as_TLV()
    {
        var buffer = new byte[LoadMessages.MaxLength];
        var length = LoadMessages.Value(buffer, CoapType.Confirmable, 0x1234, [0xAB], 5, pathDepth: 3, 17);
        Assert.Equal("41451234AB6105622D16FFE81644084031000000000000", Convert.ToHexString(buffer, 0, length));
    }

    [Fact]
    public void Object_level_wraps_the_resource_in_its_instance()
    {
        var buffer = new byte[LoadMessages.MaxLength];
        var length = LoadMessages.Value(buffer, CoapType.Acknowledgement, 1, [], null, pathDepth: 1, 17);
        Assert.EndsWith("FF08000CE81644084031000000000000", Convert.ToHexString(buffer, 0, length));
    }

    [Fact]
    public void Register_is_complete()
    {
        var buffer = new byte[LoadMessages.MaxLength];
        var length = LoadMessages.Register(buffer, 1, [1, 2], "load-000001", 3600);
        var message = new Message(buffer[..length]);
        Assert.Equal("/rd", message.Path);
        Assert.Equal(["ep=load-000001", "lt=3600", "lwm2m=1.0", "b=U"], message.Queries);
        Assert.Contains("</3303/0>", message.Text);
    }

    [Fact]
    public void Writing_a_notification_does_not_allocate()
    {
        var buffer = new byte[LoadMessages.MaxLength];
        LoadMessages.Value(buffer, CoapType.Confirmable, 1, [1], 1, 2, 1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            LoadMessages.Value(buffer, CoapType.Confirmable, (ushort)i, [1], (uint)i, 2, i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
