using System.Text;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Formats;

public sealed class CompositePathsTests
{
    static readonly ushort[] All = [ContentFormats.SenmlJson, ContentFormats.SenmlCbor, ContentFormats.SenmlEtchJson, ContentFormats.SenmlEtchCbor];

    [Fact]
    public void Paths_AreRecordsWithNamesAlone()
    {
        Lwm2mPath[] paths = [At("/3/0/0"), At("/1/0"), At("/")];
        Assert.True(CompositePaths.TryEncode(ContentFormats.SenmlJson, paths, out var json, out _));
        Assert.Equal("""[{"n":"/3/0/0"},{"n":"/1/0"},{"n":"/"}]""", Encoding.UTF8.GetString(json));
        Assert.True(CompositePaths.TryEncode(ContentFormats.SenmlEtchCbor, paths, out var cbor, out _));
        Assert.Equal("83A100662F332F302F30A100642F312F30A100612F", Convert.ToHexString(cbor));
    }

    [Fact]
    public void EveryFormat_IsReadBack() => Assert.All(All, format =>
    {
        Lwm2mPath[] paths = [At("/3/0/0"), At("/1/0"), At("/"), At("/3/0/6/1"), At("/5")];
        Assert.True(CompositePaths.TryEncode(format, paths, out var payload, out _));
        Assert.True(CompositePaths.TryDecode(format, payload, null, out var read, out var reason), reason);
        Assert.Equal(paths, read);
        for (var length = 0; length < payload.Length; length++)
            Assert.False(CompositePaths.TryDecode(format, payload.AsSpan(0, length), null, out _, out _));
    });

    [Theory]
    [InlineData("""[{"bn":"/3/0/"},{"n":"0"},{"n":"9"}]""", "/3/0/0 /3/0/9")]
    [InlineData("""[{"bn":"/3/0/","n":"0"},{"n":"9"}]""", "/3/0/0 /3/0/9")]
    [InlineData("""[{"bn":"/3/0/0"}]""", "/3/0/0")]
    [InlineData("""[{"n":"/lwm2m/3/0"}]""", "/3/0")]
    [InlineData("""[{"n":"/3/0","v":1}]""", "/3/0")]
    public void Bases_AreApplied(string payload, string paths)
    {
        Assert.True(CompositePaths.TryDecode(ContentFormats.SenmlJson, Utf8(payload), "/lwm2m", out var read, out var reason), reason);
        Assert.Equal(paths, string.Join(' ', read));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""[{"n":"x"}]""")]
    [InlineData("""[{"n":"/3/0"},7]""")]
    [InlineData("""[{"n":"/3/0","why_":1}]""")]
    [InlineData("{}")]
    public void WhatIsNoListOfPaths_IsRefused(string payload)
    {
        Assert.False(CompositePaths.TryDecode(ContentFormats.SenmlJson, Utf8(payload), null, out var read, out var reason));
        Assert.NotEmpty(reason);
        Assert.Empty(read);
    }

    [Fact]
    public void OtherFormats_AndTooMany_AreRefused()
    {
        Assert.False(CompositePaths.TryEncode(ContentFormats.Tlv, [At("/3")], out _, out _));
        Assert.False(CompositePaths.TryEncode(ContentFormats.SenmlCbor, [], out _, out _));
        Assert.False(CompositePaths.TryEncode(ContentFormats.SenmlCbor, new Lwm2mPath[CompositePaths.MaxPaths + 1], out _, out _));
        Assert.False(CompositePaths.TryDecode(ContentFormats.Lwm2mCbor, Hex("A0"), null, out _, out _));
    }
}
