using System.Net;
using Contracts.Configuration;
using CsCheck;

namespace Pipeline.Tests.Configuration;

public sealed class BindAddressTests
{
    [Theory]
    [InlineData("5783", null, 5783)]
    [InlineData(":5783", null, 5783)]
    [InlineData(" 5783 ", null, 5783)]
    [InlineData("0.0.0.0:5783", "0.0.0.0", 5783)]
    [InlineData("[::]:5783", "::", 5783)]
    [InlineData("[2001:db8::1]:0", "2001:db8::1", 0)]
    [InlineData("localhost:1883", "127.0.0.1", 1883)]
    public void Every_form_of_EMQX_is_read(string text, string? address, int port)
    {
        Assert.True(BindAddress.TryParse(text, out var bind));
        Assert.Equal(new BindAddress(address is null ? null : IPAddress.Parse(address), port), bind);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData("::1:5783")]
    [InlineData("[::1]")]
    [InlineData("[::1:5783")]
    [InlineData("example.org:5783")]
    [InlineData("0.0.0.0:5783/udp")]
    public void Anything_else_is_refused(string text) => Assert.False(BindAddress.TryParse(text, out _));

    [Fact]
    public void What_is_printed_is_read_again() =>
        Gen.Select(Gen.OneOf(
                Gen.Byte.Array[4].Select(b => (IPAddress?)new IPAddress(b)),
                Gen.Byte.Array[16].Select(b => (IPAddress?)new IPAddress(b)),
                Gen.Const((IPAddress?)null)), Gen.Int[0, 65535])
            .Sample((address, port) =>
            {
                var bind = new BindAddress(address, port);
                return BindAddress.TryParse(bind.ToString(), out var again) && bind == again;
            });

    [Fact]
    public void Random_text_never_throws() => Gen.String.Sample(text => BindAddress.TryParse(text, out var bind) == bind is not null);
}
