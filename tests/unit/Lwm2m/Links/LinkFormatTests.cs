using CsCheck;
using Protocol.Lwm2m.Links;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Links;

public sealed class LinkFormatTests
{
    [Fact]
    public void Links_ComeWithAttributesInOrder()
    {
        var link = Assert.Single(Parse("</3/0/9>;dim=8;pmin=10;title=\"Battery, level; now\";obs;rt=\"\""));
        Assert.Equal("/3/0/9", link.Target);
        Assert.Equal(
            [new("dim", "8"), new("pmin", "10"), new("title", "Battery, level; now"), new("obs", null), new("rt", "")],
            link.Attributes);
        Assert.Equal("8", link["DIM"]);
        Assert.Null(link["obs"]);
        Assert.Null(link["missing"]);
    }

    [Theory]
    [InlineData("</1>, </2>, </3>", "</1>|</2>|</3>")]
    [InlineData("</1/0>,", "</1/0>")]
    [InlineData(" , </1/0> ,, ", "</1/0>")]
    [InlineData("</1/0>;title=\"a,b\",</2>", "</1/0>;title=\"a,b\"|</2>")]
    [InlineData("</1>;a=\"x\\\"y,\";b , </2>;obs", "</1>;a=\"x\\\"y,\";b|</2>;obs")]
    [InlineData("</1> ; a = 1 ; , </2>;", "</1> ; a = 1|</2>")]
    [InlineData("", "")]
    public void Text_IsTheLinkAsReceived(string payload, string links) =>
        Assert.Equal(links, string.Join('|', Parse(payload).Select(link => link.Text)));

    [Fact]
    public void QuotedValue_MayHoldEscapes()
    {
        Assert.Equal("a\"b\\c", Parse("</1>;title=\"a\\\"b\\\\c\"")[0]["title"]);
    }

    [Theory]
    [InlineData("1/0", "'<' expected at character 0")]
    [InlineData("</1", "'<' without '>' at character 0")]
    [InlineData("</1>;t=\"a", "quote without its end at character 9")]
    [InlineData("</1>x", "',' or ';' expected at character 4")]
    [InlineData("</1></2>", "',' or ';' expected at character 4")]
    [InlineData("</1>;=3", "attribute without a name, or with one too long at character 5")]
    [InlineData("</1>;a=\"b\"c", "',' or ';' expected at character 10")]
    public void BrokenLink_IsRefusedWithItsPlace(string payload, string error)
    {
        Assert.False(LinkFormat.TryParse(payload, out _, out var actual));
        Assert.Equal(error, actual);
    }

    [Fact]
    public void Limits_HoldAgainstFloods()
    {
        Assert.False(LinkFormat.TryParse(string.Concat(Enumerable.Repeat("</1>,", LinkFormat.MaxLinks + 1)), out _, out var error));
        Assert.Equal("more than 4096 links", error);
        Assert.False(LinkFormat.TryParse("</1>" + string.Concat(Enumerable.Repeat(";a", LinkFormat.MaxAttributes + 1)), out _, out error));
        Assert.StartsWith("more than 32 attributes", error, StringComparison.Ordinal);
        var tooLong = new string('x', LinkFormat.MaxPartLength + 1);
        Assert.False(LinkFormat.TryParse($"</{tooLong}>", out _, out _));
        Assert.False(LinkFormat.TryParse($"</1>;a=\"{tooLong}\"", out _, out _));
        Assert.False(LinkFormat.TryParse($"</1>;{tooLong}", out _, out _));
    }

    [Fact]
    public void WrittenLinks_AreReadBack()
    {
        var word = Gen.String[Gen.Char['a', 'z'], 1, 8];
        var quoted = Gen.String[Gen.Char[' ', '~'], 0, 12];
        Gen.Select(word, Gen.Select(word, quoted).Array[0, 5]).Array[1, 5].Sample(links =>
        {
            var text = string.Join(',', links.Select(link => $"</{link.Item1}>" + string.Concat(link.Item2.Select(attribute =>
                $";{attribute.Item1}=\"{attribute.Item2.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""))));
            var parsed = Parse(text);
            return string.Join(',', parsed.Select(link => link.Text)) == text
                && parsed.Select(link => link.Target).SequenceEqual(links.Select(link => "/" + link.Item1))
                && parsed.SelectMany(link => link.Attributes)
                    .SequenceEqual(links.SelectMany(link => link.Item2.Select(attribute => new LinkAttribute(attribute.Item1, attribute.Item2))));
        });
    }

    [Fact]
    public void EveryBeginning_IsReadOrRefused()
    {
        var payload = Utf8("</lwm2m>;rt=\"oma.lwm2m\";ct=\"60 110\", </lwm2m/1/0>;ver=1.1;obs,</3>;title=\"\u00e4,;\"");
        for (var length = 0; length <= payload.Length; length++)
            Assert.Equal(LinkFormat.TryParse(payload.AsSpan(0, length), out _, out var error), error is null);
    }

    static IReadOnlyList<CoreLink> Parse(string payload)
    {
        Assert.True(LinkFormat.TryParse(payload, out var links, out var error), error);
        return links;
    }
}
