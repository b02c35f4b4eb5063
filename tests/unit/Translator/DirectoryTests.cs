using Translator.Operations;

namespace Pipeline.Tests.Translator;

public sealed class DirectoryTests
{
    [Fact]
    public void The_highest_number_counts_until_the_tombstone()
    {
        var directory = new RegistrationDirectory();
        Assert.True(directory.Fold("e1", Given.Registration(2, slot: 1)));
        Assert.False(directory.Fold("e1", Given.Registration(1, slot: 7)));
        Assert.Equal(1, directory.Find("e1")!.Slot);
        Assert.True(directory.Fold("e1", Given.Registration(3, state: "gone")));
        Assert.False(directory.Find("e1")!.IsLive);
        Assert.True(directory.Fold("e1", null));
        Assert.Null(directory.Find("e1"));
    }

    [Theory]
    [InlineData("ingress/3", """{"kind":"start","address":"a","heartbeat_ms":1}""", 17, true, 17)]
    [InlineData("ingress/3", """{"kind":"heartbeat","epoch":12,"address":"a","heartbeat_ms":1}""", 17, true, 12)]
    [InlineData("ingress/3", """{"kind":"heartbeat"}""", 17, false, 0)]
    [InlineData("ingress/3", """{"kind":"heartbeat","epoch":-1}""", 17, false, 0)]
    [InlineData("ingress/3", "[]", 17, false, 0)]
    [InlineData("ingress/3", "{", 17, false, 0)]
    [InlineData("ingress/3", "", 17, false, 0)]
    [InlineData("egress/3", """{"kind":"start"}""", 17, false, 0)]
    [InlineData("ingress/3x", """{"kind":"start"}""", 17, false, 0)]
    public void Epochs_come_from_start_records_and_heartbeats(string key, string value, long offset, bool changes, long epoch)
    {
        var slots = new SlotDirectory();
        Assert.Equal(changes, slots.Fold(Given.Bytes(key), Given.Bytes(value), offset));
        Assert.Equal((ulong)epoch, slots.EpochOf(3));
    }

    [Fact]
    public void An_epoch_never_goes_back()
    {
        var slots = new SlotDirectory();
        slots.Fold("ingress/0"u8, """{"kind":"start"}"""u8, 9);
        Assert.False(slots.Fold("ingress/0"u8, """{"kind":"heartbeat","epoch":4}"""u8, 10));
        Assert.False(slots.Fold("ingress/0"u8, """{"kind":"heartbeat","epoch":9}"""u8, 11));
        Assert.Equal(9UL, slots.EpochOf(0));
    }
}
