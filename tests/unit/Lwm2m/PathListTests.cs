using Protocol.Lwm2m;

namespace Pipeline.Tests.Lwm2m;

public sealed class PathListTests
{
    [Theory]
    [InlineData("[/3/0/0]", "/3/0/0")]
    [InlineData("[/1/0,/3/0/0]", "/3/0/0", "/1/0")]
    [InlineData("[/,/3,/3/0/7/1]", "/3/0/7/1", "/3", "/", "/3")]
    public void Lists_of_the_same_paths_are_one_text(string text, params string[] paths)
    {
        Assert.Equal(text, PathList.Format(paths.Select(At)));
        Assert.True(PathList.TryParse(text, out var read));
        Assert.Equal(paths.Select(At).Distinct().Order(), read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/3/0/0")]
    [InlineData("[")]
    [InlineData("[]")]
    [InlineData("[/3/0/0")]
    [InlineData("[/3,]")]
    [InlineData("[/3,x]")]
    public void What_is_no_list_is_none(string text) => Assert.False(PathList.TryParse(text, out _));

    [Fact]
    public void A_list_is_bounded()
    {
        var text = PathList.Format(Enumerable.Range(0, PathList.MaxPaths).Select(i => new Lwm2mPath((ushort)i)));
        Assert.True(PathList.TryParse(text, out _));
        Assert.False(PathList.TryParse(text.Replace("]", ",/9999]", StringComparison.Ordinal), out _));
    }

    static Lwm2mPath At(string text) => Lwm2mPath.TryParse(text, out var path) ? path : throw new ArgumentException(text);
}
