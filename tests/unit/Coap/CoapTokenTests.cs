using CsCheck;
using Protocol.Coap;

namespace Pipeline.Tests.Coap;

public sealed class CoapTokenTests
{
    [Fact]
    public void Token_RoundTrips() => Gen.Byte.Array[0, 8].Sample(bytes =>
    {
        var token = new CoapToken(bytes);
        Span<byte> copy = stackalloc byte[8];
        return token.CopyTo(copy).SequenceEqual(bytes) && token.ToString() == Convert.ToHexStringLower(bytes);
    });

    [Fact]
    public void Token_OfOtherLength_IsAnother()
    {
        Assert.NotEqual(new CoapToken([0]), new CoapToken([0, 0]));
        Assert.NotEqual(new CoapToken([]), new CoapToken([0]));
        Assert.Equal(default, new CoapToken([]));
    }
}
