using CsCheck;
using Protocol.Lwm2m;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m;

public sealed class Lwm2mPathTests
{
    [Theory]
    [InlineData("/", "/", 0)]
    [InlineData("/3", "/3", 1)]
    [InlineData("3", "/3", 1)]
    [InlineData("3/0", "/3/0", 2)]
    [InlineData("/3/0/0", "/3/0/0", 3)]
    [InlineData("/3/0/", "/3/0", 2)]
    [InlineData("/4/0/1/0", "/4/0/1/0", 4)]
    [InlineData("/65535/65535/65535/65535/", "/65535/65535/65535/65535", 4)]
    public void TryParse_APath_IsWrittenWithLeadingSlash(string text, string written, int depth)
    {
        Assert.True(Lwm2mPath.TryParse(text, out var path));
        Assert.Equal(written, path.ToString());
        Assert.Equal(depth, path.Depth);
        Assert.True(Lwm2mPath.TryParse(Utf8(text), out var fromBytes));
        Assert.Equal(path, fromBytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("//")]
    [InlineData("//3")]
    [InlineData("/3//0")]
    [InlineData("/3/0//")]
    [InlineData("/1/2/3/4/5")]
    [InlineData("/65536")]
    [InlineData("/03")]
    [InlineData("/-1")]
    [InlineData("/+1")]
    [InlineData("/ 1")]
    [InlineData("/3/a")]
    [InlineData("/3/0?a=b")]
    public void TryParse_NoPath_IsRefused(string text)
    {
        Assert.False(Lwm2mPath.TryParse(text, out var path));
        Assert.True(path.IsRoot);
        Assert.False(Lwm2mPath.TryParse(Utf8(text), out path));
    }

    [Fact]
    public void ParsedText_IsTheSamePath() => Paths.Sample(path =>
        Lwm2mPath.TryParse(path.ToString(), out var parsed) && parsed == path && parsed.GetHashCode() == path.GetHashCode());

    [Fact]
    public void Levels_AreThoseThatWereAppended() => Gen.UShort.Array[0, 4].Sample(ids =>
    {
        var path = ids.Aggregate(default(Lwm2mPath), (parent, id) => parent.Append(id));
        return path.Depth == ids.Length && ids.Select((id, level) => path[level] == id).All(same => same);
    });

    [Fact]
    public void Prefix_IsTestedByLevelNotByText()
    {
        Assert.True(At("/3").IsPrefixOf(At("/3/0/1")));
        Assert.True(At("/3/0").IsPrefixOf(At("/3/0")));
        Assert.True(default(Lwm2mPath).IsPrefixOf(At("/3")));
        Assert.False(At("/3").IsPrefixOf(At("/30/1")));
        Assert.False(At("/3/0").IsPrefixOf(At("/3")));
        Assert.False(At("/3/0").IsPrefixOf(At("/3/1/0")));
    }

    [Fact]
    public void Order_IsByNumberAndParentFirst()
    {
        Lwm2mPath[] sorted = [default, At("/2"), At("/2/0"), At("/2/0/9"), At("/2/0/10"), At("/2/1"), At("/10")];
        Assert.Equal(sorted, sorted.Reverse().Order());
    }

    [Fact]
    public void Append_BelowFourLevels_IsABug() => Assert.Throws<ArgumentOutOfRangeException>(() => At("/1/2/3/4").Append(5));

    [Fact]
    public void TryAppend_JoinsAsFarAsFourLevelsGo()
    {
        Assert.True(At("/3/0").TryAppend(At("6/1"), out var path));
        Assert.Equal("/3/0/6/1", path.ToString());
        Assert.True(At("/3/0/1/2").TryAppend(default, out path));
        Assert.Equal("/3/0/1/2", path.ToString());
        Assert.False(At("/3/0/6").TryAppend(At("6/1"), out _));
    }

    [Fact]
    public void TryFormat_IntoTooLittleRoom_SaysNo() => Paths.Sample(path =>
    {
        var text = path.ToString();
        return Enumerable.Range(0, text.Length).All(room => !path.TryFormat(new char[room], out _)) && path.TryFormat(new char[text.Length], out _);
    });

    [Theory]
    [InlineData("/6/0/0?foo=bar&baz=1", "/6/0/0", "foo=bar,baz=1")]
    [InlineData("/6/0/?pmin", "/6/0", "pmin")]
    [InlineData("/6?", "/6", "")]
    [InlineData("6", "/6", "")]
    [InlineData("//6/0//?a", "/6/0", "a")]
    [InlineData("//", "/", "")]
    public void RequestTarget_SplitsOffTheQuery(string text, string path, string query)
    {
        Assert.True(RequestTarget.TryParse(text, out var target));
        Assert.Equal(path, target.Path.ToString());
        Assert.Equal(query, string.Join(',', target.Query));
    }

    [Theory]
    [InlineData("?a=b")]
    [InlineData("/a?b=c")]
    [InlineData("/6//0")]
    [InlineData("")]
    public void RequestTarget_WithoutPath_IsRefused(string text) => Assert.False(RequestTarget.TryParse(text, out _));

    static Gen<Lwm2mPath> Paths { get; } =
        Gen.UShort.Array[0, 4].Select(ids => ids.Aggregate(default(Lwm2mPath), (parent, id) => parent.Append(id)));
}
