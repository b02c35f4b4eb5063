using Protocol.Lwm2m;

namespace Pipeline.Tests.Lwm2m;

public sealed class NegotiatedVersionTests
{
    [Theory]
    [InlineData(null, "1.0")]
    [InlineData("1", "1.0")]
    [InlineData("1.0", "1.0")]
    [InlineData("1.1", "1.1")]
    [InlineData("1.2", "1.2")]
    [InlineData("", null)]
    [InlineData("1.3", null)]
    [InlineData("2.0", null)]
    [InlineData("1.1.1", null)]
    [InlineData("1,1", null)]
    [InlineData(" 1.1", null)]
    [InlineData("01.1", null)]
    public void Announced_IsTakenOrRefused(string? announced, string? version)
    {
        var taken = NegotiatedVersion.TryNegotiate(announced, out var negotiated, out var reason);
        Assert.Equal(version, taken ? negotiated.Text : null);
        Assert.Equal(taken ? null : "LwM2M versions 1.0, 1.1 and 1.2 are supported", reason);
    }

    [Theory]
    [InlineData("1.0", false, false)]
    [InlineData("1.1", true, true)]
    [InlineData("1.2", true, true)]
    public void Version_DecidesWhatThereIs(string announced, bool lifetime, bool composite)
    {
        Assert.True(NegotiatedVersion.TryNegotiate(announced, out var version, out _));
        Assert.Equal((lifetime, composite), (version.NeedsLifetime, version.HasComposite));
    }
}
