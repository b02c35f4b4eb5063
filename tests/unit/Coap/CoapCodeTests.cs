using Protocol.Coap;

namespace Pipeline.Tests.Coap;

public sealed class CoapCodeTests
{
    [Theory]
    [InlineData(CoapCode.Empty, "0.00")]
    [InlineData(CoapCode.IPatch, "0.07")]
    [InlineData(CoapCode.Created, "2.01")]
    [InlineData(CoapCode.Content, "2.05")]
    [InlineData(CoapCode.Continue, "2.31")]
    [InlineData(CoapCode.RequestEntityIncomplete, "4.08")]
    [InlineData(CoapCode.Conflict, "4.09")]
    [InlineData(CoapCode.PreconditionFailed, "4.12")]
    [InlineData(CoapCode.RequestEntityTooLarge, "4.13")]
    [InlineData(CoapCode.UnsupportedContentFormat, "4.15")]
    [InlineData(CoapCode.UnprocessableEntity, "4.22")]
    [InlineData(CoapCode.TooManyRequests, "4.29")]
    [InlineData(CoapCode.ServiceUnavailable, "5.03")]
    [InlineData(CoapCode.ProxyingNotSupported, "5.05")]
    [InlineData((CoapCode)0x5E, "2.30")]
    public void Dotted_IsClassAndDetail(CoapCode code, string dotted)
    {
        Assert.Equal(dotted, code.Dotted);
        Assert.Equal(dotted, $"{code.Class}.{code.Detail:00}");
    }

    [Fact]
    public void EveryCode_IsEmptyOrRequestOrResponseOrReserved()
    {
        for (var value = 0; value < 256; value++)
        {
            var code = (CoapCode)value;
            var kinds = (code == CoapCode.Empty ? 1 : 0) + (code.IsRequest ? 1 : 0) + (code.IsResponse ? 1 : 0)
                + (code.Class is 1 or 3 or 6 or 7 ? 1 : 0);
            Assert.Equal(1, kinds);
            Assert.Equal(code.IsResponse && value < 0x80, code.IsSuccess);
        }
    }
}
