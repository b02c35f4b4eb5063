using CsCheck;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Formats;

public sealed class ContentEncoderTests
{
    [Theory]
    [InlineData("/3/0/13", "/ Integer 12345", "C20D3039")]
    [InlineData("/3/0/13", "/ Integer 0", "C10D00")]
    [InlineData("/3/0/13", "/ Integer 200", "C20D00C8")]
    [InlineData("/3/0/13", "/ Integer -129", "C20DFF7F")]
    [InlineData("/3/0/13", "/ Time 1700000000", "C40D6553F100")]
    [InlineData("/3/0/13", "/ Float 5", "C80D084014000000000000")]
    [InlineData("/3/0/13", "/ Float 1.5", "C80D083FF8000000000000")]
    [InlineData("/3303/0/5700", "/ Boolean true", "E1164401")]
    // A batch of one value to a resource is the resource itself, whatever its path says, unless it is known as multiple.
    [InlineData("/3/0/13", "13 Integer 12345", "C20D3039")]
    [InlineData("/3/0/6", "1 Integer 5", "8306410105")]
    [InlineData("/3/0/6", "", "8006")]
    [InlineData("/3/0", "13 Integer 12345, 14 String 87x, 6/0 Integer 1", "C20D3039C30E3837788306410001")]
    [InlineData("/3/0", "6/0 Integer 1, 13 Integer 1, 6/1 Integer 2", "8606410001410102C10D01")]
    [InlineData("/3/0", "13 Integer 1, 14 String x, 13 Integer 2", "C10E78C10D02")]
    [InlineData("/3/0/22", "0 Objlnk 1:2, 1 Objlnk 1:3, 1 Objlnk 1:4", "88160C440000010002440100010004")]
    [InlineData("/3/0/6/1", "/ Integer 5", "410105")]
    // Create, with instances and with one that the device chooses.
    [InlineData("/6", "0/0 Float 1.5, 0/4 Opaque AQID, 0/21 Integer -129, 1/0 Float 2.5",
        "080014 C800083FF8000000000000 C304010203 C215FF7F 08010B C800084004000000000000")]
    [InlineData("/3303", "5700 Float 1.5, 5750 String x", "E8164408 3FF8000000000000 E1167678")]
    [InlineData("/3", "6/0/6/0 Integer 1", null)]
    [InlineData("/3", "0/6/0 Integer 1", "0500 8306410001")]
    [InlineData("/5", "", "")]
    [InlineData("/3/0", "/ Integer 1", null)]
    [InlineData("/3/0", "1/2/3 Integer 1", null)]
    [InlineData("/3/0", "6 Integer 1, 6/0 Integer 1", null)]
    [InlineData("/3/0", "6/0 Integer 1, 6 Integer 1", null)]
    [InlineData("/3/0/6/1", "", null)]
    [InlineData("/3/0/6", "0/1 Integer 1, 2 Integer 1", null)]
    [InlineData("/", "3/0/1 Integer 1", null)]
    public void Tlv_OfACommand(string basePath, string content, string? payload)
    {
        var encoded = ContentEncoder.TryEncode(
            ContentFormats.Tlv, At(basePath), Content(content), Repository.Shipped.For(null), out var bytes, out var reason);
        Assert.Equal(payload is not null, encoded);
        if (payload is null)
            Assert.NotEmpty(reason!);
        else
            Assert.Equal(Convert.ToHexString(Hex(payload)), Convert.ToHexString(bytes));
    }

    [Theory]
    [InlineData(ContentFormats.Text, "/ Integer 200", "323030")]
    [InlineData(ContentFormats.Text, "/ Boolean true", "31")]
    [InlineData(ContentFormats.Text, "/ Opaque AQID", "41514944")]
    [InlineData(ContentFormats.Text, "/ Objlnk 1:2", "313A32")]
    [InlineData(ContentFormats.Opaque, "/ Opaque AQID", "010203")]
    [InlineData(ContentFormats.Opaque, "/ String ab", "6162")]
    [InlineData(ContentFormats.Opaque, "/ Integer 1", null)]
    [InlineData(ContentFormats.Text, "1 Integer 1", null)]
    [InlineData(ContentFormats.Text, "", null)]
    [InlineData(ContentFormats.Cbor, "/ Integer 1", "01")]
    [InlineData(ContentFormats.Cbor, "/ Integer -500", "3901F3")]
    [InlineData(ContentFormats.Cbor, "/ String ab", "626162")]
    [InlineData(ContentFormats.Cbor, "/ Opaque AQID", "43010203")]
    [InlineData(ContentFormats.Cbor, "/ Float 1.5", "FA3FC00000")]
    [InlineData(ContentFormats.Cbor, "/ Float 0.1", "FB3FB999999999999A")]
    [InlineData(ContentFormats.Cbor, "/ Boolean true", "F5")]
    [InlineData(ContentFormats.Cbor, "/ Time 1363896240", "C11A514B67B0")]
    [InlineData(ContentFormats.Cbor, "/ Objlnk 3:0", "63333A30")]
    [InlineData(ContentFormats.Cbor, "1 Integer 1", null)]
    [InlineData(ContentFormats.LinkFormat, "/ Integer 1", null)]
    public void SingleValues_AsTextAndOpaque(int format, string content, string? payload)
    {
        var encoded = ContentEncoder.TryEncode((ushort)format, At("/3/0/9"), Content(content), default, out var bytes, out _);
        Assert.Equal(payload, encoded ? Convert.ToHexString(bytes) : null);
    }

    [Fact]
    public void Text_OfAnInstance_IsRefused() =>
        Assert.False(ContentEncoder.TryEncode(ContentFormats.Text, At("/3/0"), Content("/ Integer 1"), default, out _, out _));

    [Fact]
    public void TooMuch_IsRefused()
    {
        var many = Enumerable.Repeat(new ResourceValue(At("1"), Lwm2mValue.Integer(1)), ContentEncoder.MaxValues + 1).ToArray();
        Assert.False(ContentEncoder.TryEncode(ContentFormats.Tlv, At("/3/0"), many, default, out _, out _));
        ResourceValue[] large = [new(default, Lwm2mValue.Opaque(new byte[TlvWriter.MaxValueLength + 1]))];
        Assert.False(ContentEncoder.TryEncode(ContentFormats.Tlv, At("/5/0/0"), large, default, out _, out _));
    }

    [Fact]
    public void WrittenInstances_AreReadBack() =>
        Gen.Select(Gen.UShort[0, 3], Gen.UShort[0, 300], Generators.Values).Array[1, 20].Sample(values =>
        {
            var items = values.DistinctBy(value => (value.Item1, value.Item2))
                .Select(value => new ResourceValue(new Lwm2mPath(value.Item1, value.Item2), value.Item3)).ToArray();
            Assert.True(ContentEncoder.TryEncode(ContentFormats.Tlv, At("/4711"), items, default, out var payload, out var reason), reason);
            var content = ContentDecoder.Decode(ContentFormats.Tlv, payload, Reading("/4711"));
            // No definition: the values come back as the bytes that were written.
            Assert.Equal(
                items.Select(item => ("/4711" + item.Path, Convert.ToHexString(TlvValue.Encode(item.Value)))).Order(),
                content.Items.Select(item => (item.Path.ToString(), Convert.ToHexString(item.Value.Bytes))).Order());
        });

    internal static ResourceValue[] Content(string content) => content.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(item =>
    {
        var parts = item.Split(' ');
        Assert.True(ResourceTypeName.TryParse(parts[1], out var type));
        Assert.True(ValueParser.TryParse(type, parts[2], out var value, out var reason), reason);
        return new ResourceValue(At(parts[0]), value);
    }).ToArray();
}
