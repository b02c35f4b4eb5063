using Protocol.Dtls;

namespace Pipeline.Tests.Dtls;

public sealed class ReplayWindowTests
{
    [Fact]
    public void Record_counts_once_and_not_when_63_newer_ones_and_more_have_come()
    {
        var window = new ReplayWindow();
        Assert.True(window.IsNew(0));
        Assert.True(window.Add(100));
        Assert.False(window.IsNew(100));
        Assert.True(window.IsNew(37));
        Assert.False(window.IsNew(36));
        Assert.False(window.Add(37));
        Assert.False(window.IsNew(37));
        Assert.True(window.IsNew(38));

        Assert.True(window.Add(101));
        Assert.False(window.IsNew(100));
        Assert.False(window.IsNew(37));
        // So far that nothing of before is left: none of it is new.
        Assert.True(window.Add(101 + 64));
        Assert.Equal([101 + 64], Enumerable.Range(0, 101 + 65).Where(s => s > 101 && !window.IsNew((ulong)s)));
        Assert.True(window.Add((1UL << 48) - 1));
        Assert.False(window.IsNew(0));
    }

    [Fact]
    public void No_order_and_no_repetition_lets_a_record_in_twice()
    {
        var random = new Random(20261123);
        var window = new ReplayWindow();
        var seen = new HashSet<ulong>();
        var newest = 0UL;
        for (var i = 0; i < 50_000; i++)
        {
            var sequence = (ulong)Math.Max(0, (long)newest + random.Next(-100, random.Next(2, 100)));
            var isKept = sequence + 64 > newest || seen.Count == 0;
            Assert.Equal(isKept && !seen.Contains(sequence), window.IsNew(sequence));
            if (!window.IsNew(sequence))
                continue;
            Assert.Equal(seen.Count == 0 || sequence > newest, window.Add(sequence));
            seen.Add(sequence);
            newest = Math.Max(newest, sequence);
        }

        Assert.True(seen.Count > 1000);
    }
}
