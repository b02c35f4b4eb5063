using CsCheck;
using Protocol.Coap;

namespace Pipeline.Tests.Coap;

public sealed class BlockOptionTests
{
    [Theory]
    [InlineData(0x00u, 0u, false, 16, 0L)]
    [InlineData(0x0Eu, 0u, true, 1024, 0L)]
    [InlineData(0x16u, 1u, false, 1024, 1024L)]
    [InlineData(0x3Au, 3u, true, 64, 192L)]
    [InlineData(0xFFFFFEu, 0xFFFFFu, true, 1024, 0xFFFFFL * 1024)]
    public void Value_HoldsNumberMoreAndSize(uint value, uint number, bool more, int size, long offset)
    {
        var block = new BlockOption(value);
        Assert.True(block.IsValid);
        Assert.Equal((number, more, size, offset), (block.Number, block.More, block.Size, block.Offset));
        Assert.Equal(block, new BlockOption(number, more, block.SizeExponent));
    }

    [Fact]
    public void SizeExponentSeven_IsNotValid() => Assert.False(new BlockOption(0x0F).IsValid);

    [Fact]
    public void Parts_RoundTrip() =>
        Gen.Select(Gen.UInt[0, BlockOption.MaxNumber], Gen.Bool, Gen.Int[0, 6]).Sample((number, more, exponent) =>
        {
            var block = new BlockOption(new BlockOption(number, more, exponent).Value);
            return block.Number == number && block.More == more && block.SizeExponent == exponent;
        });
}
