using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Formats;

public sealed class CborFormatTests
{
    [Theory]
    [InlineData("/3/0/9", "18 64", ResourceType.Integer, "100")]
    [InlineData("/3/0/9", "F9 5640", ResourceType.Integer, "100")]
    [InlineData("/3/0/13", "C1 1A 5182428F", ResourceType.Time, "1367491215")]
    [InlineData("/3/0/13", "1A 5182428F", ResourceType.Time, "1367491215")]
    [InlineData("/3/0/6/1", "05", ResourceType.Integer, "5")]
    [InlineData("/3303/0/5700", "18 64", ResourceType.Float, "100")]
    [InlineData("/3303/0/5700", "FA 41AC0000", ResourceType.Float, "21.5")]
    [InlineData("/3/0/0", "63 454D51", ResourceType.String, "EMQ")]
    [InlineData("/3/0/0", "7F 61 45 62 4D51 FF", ResourceType.String, "EMQ")]
    [InlineData("/5/0/0", "43 010203", ResourceType.Opaque, "AQID")]
    [InlineData("/1/0/6", "F5", ResourceType.Boolean, "1")]
    [InlineData("/3/0/22/0", "64 36363A31", ResourceType.ObjectLink, "66:1")]
    [InlineData("/4711/0/1", "C1 1A 5182428F", ResourceType.Time, "1367491215")]
    [InlineData("/4711/0/1", "43 010203", ResourceType.Opaque, "AQID")]
    public void Value_IsOfItsType(string request, string payload, ResourceType type, string value)
    {
        var item = Assert.Single(Decode(payload, request).Items);
        Assert.Equal((null, At(request), type, value), (item.Note, item.Path, item.Value.Type, item.Value.ToString()));
    }

    [Theory]
    [InlineData("/3/0/9", "F97E00", "not an Integer of 64 bits")]
    [InlineData("/3303/0/5700", "F97E00", "not a finite Float")]
    [InlineData("/3/0/9", "61 31", "a text, where the definition says Integer")]
    [InlineData("/3/0/9", "81 01", "not a value that LwM2M has")]
    [InlineData("/3/0/9", "F6", "there is no value")]
    [InlineData("/3/0/0", "61 FF", "not UTF-8")]
    [InlineData("/4711/0/1", "A0", "not a value that LwM2M has")]
    public void BadValue_ComesRaw(string request, string payload, string reason)
    {
        var item = Assert.Single(Decode(payload, request).Items);
        Assert.Equal((At(request), reason, Convert.ToHexString(Hex(payload))), (item.Path, item.Note, Convert.ToHexString(item.Value.Bytes)));
    }

    [Theory]
    [InlineData("/3/0/9", "")]
    [InlineData("/3/0/9", "19 00")]
    [InlineData("/3/0/9", "01 02")]
    [InlineData("/3/0/9", "5B FFFFFFFFFFFFFFFF")]
    [InlineData("/3/0", "01")]
    public void WhatIsNotOneValue_IsAnError(string request, string payload) => Assert.NotEmpty(Decode(payload, request).Error!);

    static DecodedContent Decode(string payload, string request) => ContentDecoder.Decode(ContentFormats.Cbor, Hex(payload), Reading(request));
}
