using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Formats;

public sealed class Lwm2mCborTests
{
    // {3: {0: {0: "Open Mobile Alliance", ..., 6: {0: 1, 1: 5}, ...}}}: the instance that the TLV example of the specification has.
    const string Device = """
        A1 03 A1 00 AC
        00 74 4F70656E204D6F62696C6520416C6C69616E6365 01 76 4C69676874776569676874204D324D20436C69656E74 02 69 333435303030313233 03 63 312E30
        06 A2 00 01 01 05  07 A2 00 190ED8 01 191388  08 A2 00 187D 01 190384
        09 1864  0A 0F  0B A1 00 00  0D C1 1A 5182428F  0E 66 2B30323A3030
        """;

    [Fact]
    public void DeviceInstance_IsTheSameAsInTlv()
    {
        var tlv = ContentDecoder.Decode(ContentFormats.Tlv, DeviceInstance, Reading("/3/0"));
        var cbor = Decode(Device.Replace("A1 03 A1 00 AC", "A1 03 A1 00 AD", StringComparison.Ordinal) + "10 61 55", "/3/0");
        Assert.Equal(tlv.Items, cbor.Items);
    }

    [Theory]
    [InlineData("/3/0/9", "A1 03 A1 00 A1 09 1864", "/3/0/9=100")]
    // A key may hold the ids of several levels.
    [InlineData("/3/0/9", "A1 83 03 00 09 1864", "/3/0/9=100")]
    [InlineData("/3/0", "A1 82 03 00 A2 09 1864 82 06 01 05", "/3/0/9=100 /3/0/6/1=5")]
    [InlineData("/3/0", "A1 03 A1 82 00 09 1864", "/3/0/9=100")]
    // Of indefinite length, in each place.
    [InlineData("/3/0", "BF 03 BF 00 BF 09 1864 0A 0F FF FF FF", "/3/0/9=100 /3/0/10=15")]
    [InlineData("/3/0", "BF 9F 03 00 FF A1 09 1864 FF", "/3/0/9=100")]
    [InlineData("/", "A2 03 A1 00 A1 09 1864 19 0CE7 A1 00 A1 19 1644 FA 41AC0000", "/3/0/9=100 /3303/0/5700=21.5")]
    // Where the whole path does not fit the request, it begins below.
    [InlineData("/3/0", "A1 09 1864", "/3/0/9=100")]
    [InlineData("/3/0", "A1 06 A2 00 01 01 05", "/3/0/6/0=1 /3/0/6/1=5")]
    [InlineData("/3/0/6", "A2 00 01 01 05", "/3/0/6/0=1 /3/0/6/1=5")]
    [InlineData("/3", "A1 00 A1 09 1864", "/3/0/9=100")]
    [InlineData("/3/0", "A1 03 A1 00 A0", "")]
    [InlineData("/3/0", "A0", "")]
    [InlineData("/3/0/22", "A1 03 A1 00 A1 16 A1 00 64 36363A31", "/3/0/22/0=66:1")]
    public void Maps_GivePaths(string request, string payload, string items) =>
        Assert.Equal(items, ContentDecoderTests.Lines(Decode(payload, request)).Replace('\n', ' '));

    [Fact]
    public void KeysOfTooFewLevels_AreAReason() =>
        Assert.Equal("/3/0=ggMAAQ== (the keys do not name a resource)", ContentDecoderTests.Lines(Decode("A1 82 03 00 01", "/")));

    [Theory]
    [InlineData("/3/0", "41 39 01", "a key that is not an id")]
    [InlineData("/3/0", "20 01", "a key that is not an id")]
    [InlineData("/3/0", "1A 00010000 01", "a key that is not an id")]
    [InlineData("/3/0", "80 01", "a key without ids")]
    [InlineData("/3/0", "85 03 00 06 00 00 01", "a path of more than four levels")]
    [InlineData("/", "84 63 643031 03 00 09 01", "the prefix of a gateway's device is not understood")]
    [InlineData("/3/0", "84 03 00 06 00 A1 00 01", "a map below a resource instance")]
    [InlineData("/3/0", "83 01 00 01 01", "the path /1/0/1 lies outside of what was asked for")]
    public void BadKey_IsAReason_AndTheOthersAreDelivered(string request, string entry, string reason)
    {
        var content = Decode($"A3 83 03 00 0A 01 {entry} 83 03 00 09 02", request);
        Assert.Equal(["/3/0/10=1", $"{request} {reason}", "/3/0/9=2"], content.Items.Select(item => item.Note is null ? $"{item.Path}={item.Value}" : $"{item.Path} {item.Note}"));
        Assert.Equal(Convert.ToHexString(Hex(entry)), Convert.ToHexString(content.Items[1].Value.Bytes));
    }

    [Theory]
    [InlineData("09 F97E00", "not an Integer of 64 bits")]
    [InlineData("09 F5", "a boolean, where the definition says Integer")]
    [InlineData("09 80", "not a value that LwM2M has")]
    [InlineData("00 61 FF", "not UTF-8")]
    [InlineData("04 01", "the definition gives this resource no value")]
    public void BadValue_IsAReason_AndTheOthersAreDelivered(string entry, string reason)
    {
        var content = Decode($"A1 03 A1 00 A2 {entry} 0A 01", "/3/0");
        Assert.Equal(2, content.Items.Count);
        Assert.Equal(reason, content.Items[0].Note);
        Assert.Equal(3, content.Items[0].Path.Depth);
        Assert.Null(content.Items[1].Note);
    }

    [Fact]
    public void RepeatedKey_IsMarked() =>
        Assert.Equal(
            "/3/0/9=1\n/3/0/9=2 (the path came before in the same payload)",
            ContentDecoderTests.Lines(Decode("A1 03 A1 00 A2 09 01 09 02", "/3/0")));

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("A1 03")]
    [InlineData("A1 03 A1 00 A1 09 1864 00")]
    [InlineData("A1 9F 03 00 09")]
    [InlineData("BB FFFFFFFFFFFFFFFF 03 00")]
    [InlineData("A1 03 BF 00 FF")]
    public void WhatIsNotSuchAMap_IsAnError(string payload) => Assert.NotEmpty(Decode(payload, "/3/0").Error!);

    [Fact]
    public void EmptyKeys_DoNotNestWithoutEnd()
    {
        var payload = Enumerable.Repeat(Hex("A1 80"), 500_000).SelectMany(part => part).ToArray();
        Assert.NotNull(ContentDecoder.Decode(ContentFormats.Lwm2mCbor, payload, Reading("/3/0")).Error);
    }

    [Fact]
    public void TooManyValues_AreRefused()
    {
        var payload = new byte[3 + 2 * (ContentDecoder.MaxItems + 10)];
        payload[0] = 0xBF;
        Assert.Equal("more than 65536 values", ContentDecoder.Decode(ContentFormats.Lwm2mCbor, payload, Reading("/3/0")).Error);
    }

    [Fact]
    public void EveryBeginning_IsRefused()
    {
        var payload = Hex(Device);
        for (var length = 0; length < payload.Length; length++)
            Assert.NotNull(ContentDecoder.Decode(ContentFormats.Lwm2mCbor, payload.AsSpan(0, length), Reading("/3/0")).Error);
    }

    [Theory]
    [InlineData("/3/0/9", "/ Integer 100", "A1 03 A1 00 A1 09 1864")]
    [InlineData("/3/0", "9 Integer 100, 6/1 Integer 5, 6/0 Integer 1", "A1 03 A1 00 A2 06 A2 00 01 01 05 09 1864")]
    [InlineData("/3/0", "9 Integer 1, 9 Integer 2", "A1 03 A1 00 A1 09 02")]
    [InlineData("/", "3303/1/5700 Float 1.5, 3303/0/5700 Float 0.1, 3/0/13 Time 1367491215",
        "A2 03 A1 00 A1 0D C1 1A 5182428F 190CE7 A2 00 A1 191644 FB3FB999999999999A 01 A1 191644 FA3FC00000")]
    [InlineData("/3303", "2/5700 Float 1.5", "A1 190CE7 A1 02 A1 191644 FA3FC00000")]
    [InlineData("/3/0/6/1", "/ Integer 5", "A1 03 A1 00 A1 06 A1 01 05")]
    [InlineData("/3/0", "", "A0")]
    [InlineData("/3303", "5700 Float 1.5", null)]
    [InlineData("/3/0", "6 Integer 1, 6/0 Integer 1", null)]
    public void Command_IsWritten(string basePath, string content, string? payload)
    {
        var written = ContentEncoder.TryEncode(
            ContentFormats.Lwm2mCbor, At(basePath), ContentEncoderTests.Content(content), Repository.Shipped.For(null), out var bytes, out var reason);
        Assert.Equal(payload is null ? null : Convert.ToHexString(Hex(payload)), written ? Convert.ToHexString(bytes) : null);
        Assert.Equal(written, reason is null);
    }

    [Fact]
    public void Removal_IsNull()
    {
        Assert.True(ContentEncoder.TryEncode(ContentFormats.Lwm2mCbor, default, [new(At("3/0/6/1"), Lwm2mValue.None)], default, out var payload, out _));
        Assert.Equal("A103A100A106A101F6", Convert.ToHexString(payload));
        Assert.Equal(new DecodedItem(At("/3/0/6/1"), Lwm2mValue.None), Assert.Single(ContentDecoder.Decode(ContentFormats.Lwm2mCbor, payload, Reading("/")).Items));
    }

    static DecodedContent Decode(string payload, string request) => ContentDecoder.Decode(ContentFormats.Lwm2mCbor, Hex(payload), Reading(request));
}
