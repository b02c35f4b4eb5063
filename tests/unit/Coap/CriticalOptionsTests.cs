using Protocol.Coap;
using static Pipeline.Tests.Coap.CoapSamples;

namespace Pipeline.Tests.Coap;

public sealed class CriticalOptionsTests
{
    static readonly ushort[] Supported =
        [CoapOptionNumber.UriHost, CoapOptionNumber.UriPath, CoapOptionNumber.UriQuery, CoapOptionNumber.Accept];

    [Theory]
    [InlineData(Register)]
    [InlineData("40010001b16101620163")]
    [InlineData("40010001d10b08")]
    [InlineData("40010001c3000000")]
    [InlineData("40010001c12801" + "28")]
    public void SupportedOrElective_IsFine(string hex)
    {
        Assert.False(CriticalOptions.TryFindUnsupported(Parse(Bytes(hex)), Supported, out _));
    }

    [Theory]
    [InlineData("4001000150", CoapOptionNumber.IfNoneMatch)]
    [InlineData("40010001d10a06", CoapOptionNumber.Block2)]
    [InlineData("40010001d010", 29)]
    [InlineData("4001000130", CoapOptionNumber.UriHost)]
    [InlineData("40010001d304000028", CoapOptionNumber.Accept)]
    [InlineData("40010001d10428" + "0128", CoapOptionNumber.Accept)]
    [InlineData("40010001316101" + "62", CoapOptionNumber.UriHost)]
    public void UnknownOrOfWrongLengthOrRepeated_IsFound(string hex, int expected)
    {
        Assert.True(CriticalOptions.TryFindUnsupported(Parse(Bytes(hex)), Supported, out var number));
        Assert.Equal(expected, number);
    }

    [Fact]
    public void OptionNumber_TellsItsClass()
    {
        Assert.True(CoapOptionNumber.IsCritical(CoapOptionNumber.UriPath));
        Assert.True(CoapOptionNumber.IsCritical(CoapOptionNumber.Block1));
        Assert.False(CoapOptionNumber.IsCritical(CoapOptionNumber.Observe));
        Assert.True(CoapOptionNumber.IsUnsafe(CoapOptionNumber.Observe));
        Assert.False(CoapOptionNumber.IsUnsafe(CoapOptionNumber.Size1));
    }
}
