using Protocol.Coap;

namespace Pipeline.Tests.Coap;

public sealed class ObserveFreshnessTests
{
    const uint Half = 1 << 23;
    const uint Last = (1 << 24) - 1;

    [Theory]
    [InlineData(0u, 1u, 0, true)]
    [InlineData(1u, 0u, 0, false)]
    [InlineData(7u, 7u, 0, false)]
    [InlineData(0u, Half - 1, 0, true)]
    [InlineData(0u, Half, 0, false)]
    [InlineData(Last, 0u, 0, true)]
    [InlineData(Half, 0u, 0, false)]
    [InlineData(Half + 1, 0u, 0, true)]
    [InlineData(0u, Last, 0, false)]
    [InlineData(1u, 0u, 128_000, false)]
    [InlineData(1u, 0u, 128_001, true)]
    [InlineData(7u, 7u, 128_001, true)]
    public void IsSupersededBy_FollowsSerialArithmeticAndTime(uint first, uint second, long after, bool expected)
    {
        Assert.Equal(expected, new ObserveFreshness(first, 5_000).IsSupersededBy(second, 5_000 + after));
    }
}
