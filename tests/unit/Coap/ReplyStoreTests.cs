using Protocol.Coap;

namespace Pipeline.Tests.Coap;

public sealed class ReplyStoreTests
{
    /// <summary>References hold 16 bits of a serial: a new segment must not get that of an old one that still lives.</summary>
    [Fact]
    public void References_SurviveTheWrapOfSerials()
    {
        const int WrapAround = 1 << 16;
        var store = new ReplyStore(4 << 16);
        Assert.True(store.TryAdd("kept"u8, now: 0, deadline: 1_000_000, out var kept));
        var big = new byte[40_000];
        for (var n = 0u; n < WrapAround + 10; n++)
        {
            Assert.True(store.TryAdd(big, now: n, deadline: n + 1, out var newest));
            if (n < WrapAround - 10)
                continue;
            Assert.True(store.TryGet(kept, out var reply));
            Assert.Equal("kept"u8, reply);
            Assert.True(store.TryGet(newest, out reply));
            Assert.Equal(big.Length, reply.Length);
        }

        Assert.Equal(0, store.Dropped);
    }

    [Fact]
    public void ReplyLongerThanADatagram_IsRefused()
    {
        var store = new ReplyStore(0);
        Assert.False(store.TryAdd(new byte[1 << 16], 0, 1, out _));
        Assert.True(store.TryAdd(new byte[(1 << 16) - 2], 0, 1, out var reference));
        Assert.True(store.TryGet(reference, out var reply));
        Assert.Equal((1 << 16) - 2, reply.Length);
    }
}
