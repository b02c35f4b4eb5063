using CsCheck;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Formats;

public sealed class JsonFormatTests
{
    [Fact]
    public void Device_IsTypedByDefinition()
    {
        var content = Decode(DeviceJson, "/3/0");
        Assert.Equal(
            "/3/0/0=Open Mobile Alliance\n/3/0/6/0=1\n/3/0/7/0=3800\n/3/0/9=100\n/3/0/13=1367491215\n/3/0/16=U",
            ContentDecoderTests.Lines(content));
        Assert.Equal(ResourceType.Time, content.Items[4].Value.Type);
        Assert.Equal(ResourceType.Integer, content.Items[3].Value.Type);
    }

    [Theory]
    [InlineData("/3/0", """{"e":[{"n":"9","v":1}]}""", "/3/0/9=1")]
    [InlineData("/3/0/9", """{"e":[{"v":1}]}""", "/3/0/9=1")]
    [InlineData("/3/0/9", """{"e":[{"n":"","v":1}]}""", "/3/0/9=1")]
    [InlineData("/3/0/9", """{"bn":"/3/0/9","e":[{"v":1}]}""", "/3/0/9=1")]
    [InlineData("/3/0", """{"bn":"/3/0","e":[{"n":"/9","v":1}]}""", "/3/0/9=1")]
    [InlineData("/3", """{"bn":"/","e":[{"n":"3/0/9","v":1}]}""", "/3/0/9=1")]
    [InlineData("/3", """{"e":[{"n":"/3/0/9","v":1}]}""", "/3/0/9=1")]
    [InlineData("/3/0/9", """{"e":[{"n":"3/0/9","v":1}]}""", "/3/0/9=1")]
    [InlineData("/3/0", """{"bn":"/lwm2m/3/0/","e":[{"n":"9","v":1}]}""", "/3/0/9=1")]
    [InlineData("/3/0", """{"bn":"/lwm2m","e":[{"n":"3/0/9","v":1}]}""", "/3/0/9=1")]
    public void Names_AreJoinedToPaths(string request, string payload, string items) =>
        Assert.Equal(items, ContentDecoderTests.Lines(Decode(payload, request, alternatePath: "/lwm2m")));

    [Theory]
    [InlineData("""{"n":"1","bv":true}""", ResourceType.Boolean, "1")]
    [InlineData("""{"n":"1","ov":"66:1"}""", ResourceType.ObjectLink, "66:1")]
    [InlineData("""{"n":"1","sv":"x"}""", ResourceType.String, "x")]
    [InlineData("""{"n":"1","v":7}""", ResourceType.Integer, "7")]
    [InlineData("""{"n":"1","v":7.5}""", ResourceType.Float, "7.5")]
    [InlineData("""{"n":"1","v":1e3}""", ResourceType.Float, "1000")]
    public void WithoutDefinition_TheKindOfTheEntryCounts(string entry, ResourceType type, string value)
    {
        var content = Decode($$"""{"bn":"/4711/0/","e":[{{entry}}]}""", "/4711/0");
        Assert.Null(content.UnknownObject);
        var item = Assert.Single(content.Items);
        Assert.Equal((type, value, (string?)null), (item.Value.Type, item.Value.ToString(), item.Note));
    }

    [Theory]
    [InlineData("/6/0", """{"n":"0","v":12}""", ResourceType.Float, "12")]
    [InlineData("/5/0", """{"n":"0","sv":"AQID"}""", ResourceType.Opaque, "AQID")]
    [InlineData("/3/0", """{"n":"9","v":1.5}""", ResourceType.Float, "1.5")]
    public void Definition_MakesTheTypeExact(string request, string entry, ResourceType type, string value)
    {
        var item = Assert.Single(Decode($$"""{"e":[{{entry}}]}""", request).Items);
        Assert.Equal((type, value), (item.Value.Type, item.Value.ToString()));
    }

    [Theory]
    [InlineData("""{"bt":1700000000,"e":[{"n":"9","v":1,"t":-30},{"n":"9","v":2}]}""", "/3/0/9=1 @1699999970000\n/3/0/9=2 @1700000000000")]
    [InlineData("""{"e":[{"n":"9","v":1,"t":1700000000.5}]}""", "/3/0/9=1 @1700000000500")]
    [InlineData("""{"e":[{"n":"9","v":1,"t":-10},{"n":"9","v":2,"t":0}]}""", "/3/0/9=1 @999990000\n/3/0/9=2 @1000000000")]
    [InlineData("""{"e":[{"n":"9","v":1,"t":1e300}]}""", "/3/0/9=1")]
    public void Times_GiveTimestamps(string payload, string items) =>
        Assert.Equal(items, ContentDecoderTests.Lines(Decode(payload, "/3/0")));

    [Fact]
    public void OneBadEntry_DoesNotLoseTheOthers() =>
        Assert.Equal(
            """
            /3/0/9=1
            /3/0=Nw== (not an entry of LwM2M JSON)
            /3/0=eyJuIjoiYS9iIiwidiI6MX0= (the name is not a path)
            /3/0/10=eyJuIjoiMTAiLCJ2IjoiMSJ9 (the entry has no value that can be read)
            /3/0/11=eyJuIjoiMTEifQ== (the entry has no value that can be read)
            /3/0/0=x
            """,
            ContentDecoderTests.Lines(Decode(
                """{"e":[{"n":"9","v":1},7,{"n":"a/b","v":1},{"n":"10","v":"1"},{"n":"11"},{"n":"0","sv":"x"}]}""", "/3/0")));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"e":{}}""")]
    [InlineData("""{"bn":1,"e":[]}""")]
    [InlineData("""{"bt":"1","e":[]}""")]
    [InlineData("""{"bn":"\ud800","e":[]}""")]
    [InlineData("""{"e":[]}{}""")]
    [InlineData("""{"e":[[[[[[[[[[1]]]]]]]]]]}""")]
    public void WhatIsNotLwm2mJson_IsAnError(string payload) => Assert.NotNull(Decode(payload, "/3/0").Error);

    [Fact]
    public void Surrogates_DoNotThrow()
    {
        Assert.NotNull(Decode("""{"\ud800":1,"e":[{"n":"0","sv":"\ud800"}]}""", "/3/0"));
        Assert.NotNull(Decode("""{"e":[{"\ud800":"0","sv":"\udc00"}]}""", "/3/0"));
    }

    [Fact]
    public void WrittenValues_AreReadBack()
    {
        // JSON tells kinds, not types: what a definition would make exact again is compared as text.
        Gen.Select(Gen.UShort, Generators.Values).Array[0, 6].Sample(values =>
        {
            var items = values.Select(value => new ResourceValue(new Lwm2mPath(value.Item1), value.Item2)).ToArray();
            Assert.True(ContentEncoder.TryEncode(ContentFormats.Json, At("/4711/0"), items, default, out var payload, out var reason), reason);
            var content = ContentDecoder.Decode(ContentFormats.Json, payload, Reading("/4711/0"));
            Assert.Null(content.Error);
            Assert.Equal(items.Length, content.Items.Count);
            Assert.All(items.Zip(content.Items), pair =>
            {
                Assert.Equal("/4711/0" + pair.First.Path, pair.Second.Path.ToString());
                // Beyond 64 bits with sign only a double is left without a definition.
                if (pair.First.Value.Type is not ResourceType.UnsignedInteger)
                    Assert.Equal(pair.First.Value.ToString(), pair.Second.Value.ToString());
            });
        });
    }

    [Fact]
    public void Encoded_AsTheFormatWants()
    {
        ResourceValue[] values = [new(At("0"), Lwm2mValue.String("EMQ")), new(At("6/1"), Lwm2mValue.Integer(5)), new(At("22/0"), Lwm2mValue.ObjectLink(1, 2))];
        Assert.True(ContentEncoder.TryEncode(ContentFormats.Json, At("/3/0"), values, default, out var payload, out _));
        Assert.Equal("""{"bn":"/3/0/","e":[{"n":"0","sv":"EMQ"},{"n":"6/1","v":5},{"n":"22/0","ov":"1:2"}]}""", System.Text.Encoding.UTF8.GetString(payload));
    }

    static DecodedContent Decode(string payload, string request, string? alternatePath = null) =>
        ContentDecoder.Decode(ContentFormats.Json, Utf8(payload), Reading(request) with { AlternatePath = alternatePath, ReceivedAt = 1_000_000_000 });
}
