using Contracts;
using Ingress.Ownership;
using Tools.Fleet;
using Translator.Operations;

namespace Pipeline.Tests.Ownership;

/// <summary>What is wished of a slot lies beside its heartbeats, and nobody takes the one for the other.</summary>
public sealed class WishTests
{
    static readonly byte[] Drain = new SlotWish { Kind = SlotWish.Drain, WishedMs = 1 }.ToJson();

    [Theory]
    [InlineData("ingress/0/wish", 0)]
    [InlineData("ingress/63/wish", 63)]
    [InlineData("ingress/0", -1)]
    [InlineData("ingress//wish", -1)]
    [InlineData("ingress/-1/wish", -1)]
    [InlineData("ingress/1/2/wish", -1)]
    [InlineData("ingress/99999999999/wish", -1)]
    [InlineData("egress/0/wish", -1)]
    [InlineData("", -1)]
    public void A_wish_has_a_key_of_its_own(string key, int slot)
    {
        Assert.Equal(slot >= 0, SlotWish.TryParseKey(System.Text.Encoding.UTF8.GetBytes(key), out var parsed));
        if (slot >= 0)
            Assert.Equal(slot, parsed);
    }

    [Fact]
    public void The_Translator_takes_no_wish_for_an_epoch() =>
        Assert.False(new SlotDirectory().Fold(SlotWish.KeyOf(0), Drain, 7));

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[")]
    [InlineData("{\"kind\":\"dance\"}")]
    [InlineData("{\"kind\":7}")]
    public void What_is_not_understood_is_not_wished(string value)
    {
        var slots = new Slots(0);
        slots.Read(SlotWish.KeyOf(0), Drain, 0, 0);
        Assert.True(slots.IsDrainWished(0));
        slots.Read(SlotWish.KeyOf(0), System.Text.Encoding.UTF8.GetBytes(value), 1, 0);
        Assert.False(slots.IsDrainWished(0));
    }

    [Fact]
    public void A_beat_of_an_older_epoch_says_nothing()
    {
        var slots = new Slots(0);
        var key = InstanceRecord.KeyOf("ingress", "1");
        slots.Read(key, new InstanceRecord { Kind = "heartbeat", Epoch = 9 }.ToJson(), 20, 0);
        Assert.True(slots.Lives(1));
        slots.Read(key, new InstanceRecord { Kind = "stop", Epoch = 9 }.ToJson(), 21, 0);
        slots.Read(key, new InstanceRecord { Kind = "heartbeat", Epoch = 8 }.ToJson(), 22, 0);
        Assert.Equal((false, 9L), (slots.Lives(1), slots.EpochOf(1)));
        // Ready only once it beats.
        slots.Read(key, new InstanceRecord { Kind = "start" }.ToJson(), 23, 0);
        Assert.Equal((false, 23L), (slots.Lives(1), slots.EpochOf(1)));
    }

    [Fact]
    public void Others_are_handed_to_where_they_say_as_long_as_they_live()
    {
        var slots = new Slots(0);
        Beat(0, "heartbeat", "127.0.0.1:1", 0);
        Beat(1, "heartbeat", "10.0.0.1:5785", 0);
        Beat(2, "start", "10.0.0.2:5785", 0);
        Beat(3, "heartbeat", null, 0);
        Beat(4, "heartbeat", "10.0.0.4", 0);
        Beat(5, "heartbeat", "nonsense", 0);
        Beat(6, "heartbeat", "[2001:db8::6]:5785", 0);
        Assert.Equal(["1 10.0.0.1:5785", "6 [2001:db8::6]:5785"], Doors());

        // Started again elsewhere; stopped.
        Beat(1, "heartbeat", "10.0.0.9:5785", 1);
        Beat(6, "stop", "[2001:db8::6]:5785", 1);
        Assert.Equal(["1 10.0.0.9:5785"], Doors());
        for (var now = 2000; now <= 10_000; now += 2000)
            Beat(0, "heartbeat", null, now);
        Assert.Empty(Doors());

        void Beat(int slot, string kind, string? forward, long now) => slots.Read(
            InstanceRecord.KeyOf("ingress", $"{slot}"), new InstanceRecord { Kind = kind, Epoch = 1, Forward = forward }.ToJson(), 20, now);

        IEnumerable<string> Doors() => slots.Doors.Select(d => $"{d.Key} {d.Value}");
    }

    [Fact]
    public void The_tool_believes_only_what_it_hears_itself()
    {
        var slots = new SlotTable();
        var beat = new InstanceRecord { Kind = "heartbeat", Epoch = 1, Registrations = 3, Draining = true }.ToJson();
        slots.Fold(InstanceRecord.KeyOf("ingress", "0"), beat, 0, isNew: false);
        slots.Fold(InstanceRecord.KeyOf("ingress", "1"), beat, 0, isNew: false);
        slots.Fold(InstanceRecord.KeyOf("egress", "pod"), beat, 0, isNew: true);
        Assert.Equal([0, 1], slots.Known);
        Assert.Equal(new SlotView(false, true, 3), slots.Of(0, 100));
        Assert.Empty(slots.Staying(0, 100));

        slots.Fold(InstanceRecord.KeyOf("ingress", "1"), beat, 200, isNew: true);
        Assert.Equal([1], slots.Staying(0, 300));
        slots.Fold(SlotWish.KeyOf(1), Drain, 300, isNew: true);
        Assert.Empty(slots.Staying(0, 400));
        slots.Fold(SlotWish.KeyOf(1), null, 500, isNew: true);
        Assert.Equal([1], slots.Staying(0, 600));
        Assert.Empty(slots.Staying(0, 200 + SlotTable.AliveFor));
    }
}
