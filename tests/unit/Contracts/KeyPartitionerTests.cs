using Contracts;

namespace Pipeline.Tests.Contracts;

public sealed class KeyPartitionerTests
{
    // Values of murmur2 as Kafka's Java client computes them.
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    public void Keys_lie_where_the_Java_client_puts_them(string key, int murmur2) =>
        Assert.Equal((murmur2 & 0x7fffffff) % 24, KeyPartitioner.PartitionOf(key, 24));
}
