using CsCheck;
using Protocol.Coap;

namespace Pipeline.Tests.Coap;

public sealed class MessageDeduplicationTests
{
    static readonly TransmissionParameters Standard = TransmissionParameters.Standard;

    [Fact]
    public void Message_GoesFromNewOverSilentToReplied()
    {
        var table = new MessageDeduplication<int>(Standard);
        var key = Key(1, 7);
        Assert.Equal(DuplicateState.New, table.Seen(0, key, out _));
        Assert.True(table.Begin(0, key, CoapType.Confirmable));
        Assert.False(table.Begin(0, key, CoapType.Confirmable));
        Assert.Equal(DuplicateState.Silent, table.Seen(0, key, out var nothing));
        Assert.True(nothing.IsEmpty);
        Assert.True(table.Complete(0, key, Ack(7)));
        Assert.Equal(DuplicateState.Replied, table.Seen(0, key, out var reply));
        Assert.Equal(Ack(7), reply);
    }

    [Fact]
    public void Reply_OfAnyKind_ComesBackByteByByte()
    {
        var table = new MessageDeduplication<int>(Standard);
        byte[][] replies =
        [
            Ack(3),
            Convert.FromHexString("70000003"),
            Convert.FromHexString("60000004"),
            Convert.FromHexString(CoapSamples.Figure16Response),
            new byte[1500],
        ];
        for (var peer = 0; peer < replies.Length; peer++)
        {
            table.Begin(0, Key(peer, 3), CoapType.Confirmable);
            Assert.True(table.Complete(0, Key(peer, 3), replies[peer]));
        }

        for (var peer = 0; peer < replies.Length; peer++)
        {
            Assert.Equal(DuplicateState.Replied, table.Seen(0, Key(peer, 3), out var reply));
            Assert.Equal(replies[peer], reply);
        }
    }

    [Theory]
    [InlineData(CoapType.Confirmable, 247_000)]
    [InlineData(CoapType.NonConfirmable, 145_000)]
    public void Message_IsKnownForItsLifetime_AndNotMuchLonger(CoapType type, long lifetime)
    {
        foreach (var start in (long[])[0, 1, 255, 256, 1_000_000_007, (1L << 40) - 1_000])
        {
            var table = new MessageDeduplication<int>(Standard);
            table.Begin(start, Key(1, 7), type);
            Assert.Equal(DuplicateState.Silent, table.Seen(start + lifetime, Key(1, 7), out _));
            Assert.Equal(DuplicateState.New, table.Seen(start + lifetime + 512, Key(1, 7), out _));
            Assert.True(table.Begin(start + lifetime + 512, Key(1, 7), type));
            Assert.Equal(0, table.IdsReused);
        }
    }

    [Fact]
    public void OtherPeerOrId_IsAnotherMessage()
    {
        var table = new MessageDeduplication<int>(Standard);
        table.Begin(0, Key(1, 7), CoapType.Confirmable);
        Assert.Equal(DuplicateState.New, table.Seen(0, Key(2, 7), out _));
        Assert.Equal(DuplicateState.New, table.Seen(0, Key(1, 8), out _));
    }

    [Fact]
    public void ReusedId_WithOtherBytes_IsNewAndNotTouchedByTheOlder()
    {
        var table = new MessageDeduplication<int>(Standard);
        var older = Key(1, 7, digest: 1);
        var newer = Key(1, 7, digest: 2);
        table.Begin(0, older, CoapType.Confirmable);
        Assert.Equal(DuplicateState.New, table.Seen(0, newer, out _));
        Assert.True(table.Begin(0, newer, CoapType.Confirmable));
        Assert.Equal(1, table.IdsReused);

        Assert.False(table.Complete(0, older, Ack(7)));
        Assert.False(table.Forget(older));
        Assert.Equal(DuplicateState.Silent, table.Seen(0, newer, out _));
        Assert.Equal(DuplicateState.New, table.Seen(0, older, out _));
    }

    [Fact]
    public void Forget_MakesItNewAgain()
    {
        var table = new MessageDeduplication<int>(Standard);
        table.Begin(0, Key(1, 7), CoapType.Confirmable);
        Assert.True(table.Forget(Key(1, 7)));
        Assert.False(table.Forget(Key(1, 7)));
        Assert.False(table.Complete(0, Key(1, 7), Ack(7)));
        Assert.True(table.Begin(0, Key(1, 7), CoapType.Confirmable));
        Assert.Equal(0, table.IdsReused);
    }

    [Fact]
    public void Forgotten_StaysForgotten_WhenTheTableGrows()
    {
        var table = new MessageDeduplication<int>(Standard);
        for (var peer = 0; peer < 300; peer++)
        {
            table.Begin(0, Key(peer, 7), CoapType.Confirmable);
            if (peer == 100)
                Assert.True(table.Forget(Key(peer, 7)));
        }

        Assert.Equal(DuplicateState.New, table.Seen(0, Key(100, 7), out _));
        Assert.Equal(DuplicateState.Silent, table.Seen(0, Key(99, 7), out _));
    }

    [Fact]
    public void FullTable_ForgetsTheOldest_AndCounts()
    {
        var table = new MessageDeduplication<int>(Standard, maxEntries: 1024);
        for (var peer = 0; peer < 1030; peer++)
            Assert.True(table.Begin(0, Key(peer, 7), CoapType.Confirmable));
        Assert.Equal(1024, table.Count);
        Assert.Equal(6, table.Evicted);
        Assert.Equal(DuplicateState.New, table.Seen(0, Key(5, 7), out _));
        Assert.Equal(DuplicateState.Silent, table.Seen(0, Key(6, 7), out _));
    }

    [Fact]
    public void FullReplyStore_KeepsTheMessageKnown_AndCounts()
    {
        var table = new MessageDeduplication<int>(Standard, maxReplyBytes: 2 << 16);
        var reply = new byte[1024];
        for (var peer = 0; peer < 190; peer++)
        {
            table.Begin(0, Key(peer, 7), CoapType.Confirmable);
            table.Complete(0, Key(peer, 7), reply);
        }

        // 63 replies of 1026 bytes fill a segment: two full ones, the fourth turn takes the place of the second.
        Assert.Equal(126, table.RepliesDropped);
        Assert.Equal(DuplicateState.Silent, table.Seen(0, Key(0, 7), out _));
        Assert.Equal(DuplicateState.Silent, table.Seen(0, Key(125, 7), out _));
        Assert.Equal(DuplicateState.Replied, table.Seen(0, Key(126, 7), out _));
        Assert.Equal(DuplicateState.Replied, table.Seen(0, Key(189, 7), out _));
    }

    [Fact]
    public void ReplyBytes_OfExpiredMessages_AreUsedAgain()
    {
        var table = new MessageDeduplication<int>(Standard, maxReplyBytes: 2 << 16);
        var reply = new byte[1024];
        for (var n = 0; n < 2_000; n++)
        {
            var now = n * 5_000L;
            table.Begin(now, Key(n, 7), CoapType.Confirmable);
            table.Complete(now, Key(n, 7), reply);
            Assert.True(table.Count < 60);
        }

        Assert.Equal(0, table.RepliesDropped);
        Assert.Equal(0, table.Evicted);
    }

    [Fact]
    public void ReplyBytes_AreKept_AsLongAsTheLastOfTheirSegmentLives()
    {
        var table = new MessageDeduplication<int>(Standard, maxReplyBytes: 2 << 16);
        var reply = new byte[1024];
        for (var peer = 0; peer < 300; peer++)
        {
            // One confirmable message among others that expire before it.
            var now = peer < 63 ? 0 : 200_000L;
            table.Begin(now, Key(peer, 7), peer == 10 ? CoapType.Confirmable : CoapType.NonConfirmable);
            table.Complete(now, Key(peer, 7), reply);
            if (peer == 125)
                Assert.Equal(DuplicateState.Replied, table.Seen(now, Key(10, 7), out _));
            if (peer == 126)
                Assert.Equal(63, table.RepliesDropped);
        }
    }

    /// <summary>2 000 messages a second for ten minutes: everything within the lifetime is known, nothing outside stays.</summary>
    [Fact]
    public void SteadyLoad_KeepsHalfAMillionAndNoMore()
    {
        var table = new MessageDeduplication<int>(Standard);
        for (var n = 0; n < 1_200_000; n++)
        {
            var now = n / 2L;
            Assert.True(table.Begin(now, Key(n % 1_000, (ushort)(n / 1_000), (ulong)n), CoapType.Confirmable));
        }

        Assert.InRange(table.Count, 494_000, 496_000);
        Assert.Equal(0, table.Evicted);
        Assert.Equal(DuplicateState.Silent, table.Seen(600_000, Key(999, 1_199, 1_199_999), out _));
        Assert.Equal(DuplicateState.Silent, table.Seen(600_000, Key(0, 706, 706_000), out _));
    }

    [Fact]
    public void Entry_IsSmall()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var table = new MessageDeduplication<Peer24>(Standard, maxEntries: 1 << 16);
        var small = GC.GetAllocatedBytesForCurrentThread() - before;
        for (var n = 0; n < 1 << 16; n++)
            table.Begin(0, new(new Peer24(n, 0, 0), 1, 1), CoapType.Confirmable);

        // Doubling allocates all smaller sizes too, hence twice 48 bytes and a link.
        var grown = GC.GetAllocatedBytesForCurrentThread() - before - small;
        Assert.True(grown < (1 << 16) * 2 * 52, $"{grown / (1 << 16)} bytes per entry, all sizes together");
    }

    /// <summary>Any sequence of calls agrees with a plain dictionary.</summary>
    [Fact]
    public void Table_BehavesLikeADictionary() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 40], Gen.Int[0, 9], Gen.Int[0, 60_000]).Array[0, 400].Sample(steps =>
        {
            var table = new MessageDeduplication<int>(Standard);
            var model = new Dictionary<(int, ushort), (ulong Digest, long Until, byte[]? Reply)>();
            var now = 0L;
            foreach (var (action, peer, variant, wait) in steps)
            {
                now += wait / 512 * 512;
                var key = Key(peer, (ushort)(variant / 3), (ulong)(variant % 3));
                var id = (peer, key.MessageId);
                var known = model.TryGetValue(id, out var entry) && entry.Digest == key.Digest && now < entry.Until;
                switch (action)
                {
                    case 0:
                        Assert.Equal(!known, table.Begin(now, key, CoapType.Confirmable));
                        if (!known)
                            model[id] = (key.Digest, (now + 247_000) / 256 * 256 + 256, null);
                        break;
                    case 1 when known:
                        var reply = variant % 2 == 0 ? Ack(key.MessageId) : [(byte)peer, (byte)variant, 3, 4, 5];
                        Assert.True(table.Complete(now, key, reply));
                        model[id] = entry with { Reply = reply };
                        break;
                    case 2 when known:
                        Assert.True(table.Forget(key));
                        model.Remove(id);
                        break;
                    default:
                        var state = table.Seen(now, key, out var bytes);
                        var rest = entry.Reply is null ? DuplicateState.Silent : DuplicateState.Replied;
                        Assert.Equal(known ? rest : DuplicateState.New, state);
                        if (known && entry.Reply is not null)
                            Assert.Equal(entry.Reply, bytes);
                        break;
                }
            }
        });

    [Fact]
    public void Digest_TellsMessagesApart_AndIsTheSameEverywhere()
    {
        var digests = new HashSet<ulong>();
        var bytes = CoapSamples.Bytes(CoapSamples.TlvNotification);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var changed = (byte[])bytes.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(digests.Add(MessageDigest.Of(changed)));
        }

        for (var length = 0; length <= bytes.Length; length++)
            Assert.True(digests.Add(MessageDigest.Of(bytes.AsSpan(0, length))));
        for (var zeros = 1; zeros < 40; zeros++)
            Assert.True(digests.Add(MessageDigest.Of(new byte[zeros])));
        Assert.Equal(GoldenDigest, MessageDigest.Of(bytes));
    }

    const ulong GoldenDigest = 0x452BA9DF11F63B38;

    static MessageKey<int> Key(int peer, ushort messageId, ulong digest = 1) => new(peer, messageId, digest);

    static byte[] Ack(ushort messageId) => [0x60, 0, (byte)(messageId >> 8), (byte)messageId];

    readonly record struct Peer24(long A, long B, long C);
}
