using CsCheck;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Formats;

public sealed class TlvTests
{
    [Theory]
    [InlineData("C1 09 64", TlvKind.Resource, 9, 1)]
    [InlineData("E1 01 00 64", TlvKind.Resource, 256, 1)]
    [InlineData("C8 00 08 0102030405060708", TlvKind.Resource, 0, 8)]
    [InlineData("08 00 00", TlvKind.ObjectInstance, 0, 0)]
    [InlineData("86 06 41 00 01 41 01 05", TlvKind.MultipleResource, 6, 6)]
    [InlineData("61 01 36 01", TlvKind.ResourceInstance, 310, 1)]
    // A longer length field than needed is allowed to a sender.
    [InlineData("D0 00 00 01 AA", TlvKind.Resource, 0, 1)]
    [InlineData("D8 00 00 00 01 AA", TlvKind.Resource, 0, 1)]
    public void Header_IsRead(string record, TlvKind kind, int id, int length)
    {
        Assert.True(TlvReader.TryOpen(Hex(record), out var reader, out _));
        Assert.Equal(1, reader.Count);
        Assert.True(reader.Read());
        Assert.Equal((kind, id, length), (reader.Kind, reader.Id, reader.Value.Length));
        Assert.False(reader.Read());
    }

    [Theory]
    [InlineData("C1 09", "TLV record at byte 0 claims 1 bytes, 0 are there")]
    [InlineData("C1", "TLV header cut off at byte 0")]
    [InlineData("C1 09 64 E1 01", "TLV header cut off at byte 3")]
    [InlineData("D8 00 FF FF FF 00", "TLV record at byte 0 claims 16777215 bytes, 1 are there")]
    public void LyingLength_IsRefused(string records, string reason)
    {
        Assert.False(TlvReader.TryOpen(Hex(records), out _, out var actual));
        Assert.Equal(reason, actual);
    }

    [Fact]
    public void WrittenRecords_AreReadBack() =>
        Gen.Select(Gen.Enum<TlvKind>(), Gen.UShort, Gen.OneOf(Gen.Int[0, 10], Gen.Int[250, 260], Gen.Int[65530, 65540])).Array[0, 5].Sample(records =>
        {
            var writer = new TlvWriter();
            foreach (var (kind, id, length) in records)
                writer.Write(kind, id, new byte[length]);
            Assert.True(TlvReader.TryOpen(writer.Written, out var reader, out _));
            Assert.Equal(records.Length, reader.Count);
            foreach (var (kind, id, length) in records)
            {
                Assert.True(reader.Read());
                Assert.Equal((kind, id, length), (reader.Kind, reader.Id, reader.Value.Length));
            }
            Assert.False(reader.Read());
        });

    [Theory]
    [InlineData(0, "00")]
    [InlineData(127, "7F")]
    [InlineData(128, "0080")]
    [InlineData(200, "00C8")]
    [InlineData(255, "00FF")]
    [InlineData(32767, "7FFF")]
    [InlineData(32768, "00008000")]
    [InlineData(65536, "00010000")]
    [InlineData(2147483647, "7FFFFFFF")]
    [InlineData(4294967296, "0000000100000000")]
    [InlineData(-1, "FF")]
    [InlineData(-128, "80")]
    [InlineData(-129, "FF7F")]
    [InlineData(-32769, "FFFF7FFF")]
    [InlineData(long.MinValue, "8000000000000000")]
    public void Integer_TakesTheFewestOfOneTwoFourOrEightBytes(long number, string bytes)
    {
        Assert.Equal(bytes, Convert.ToHexString(TlvValue.Encode(Lwm2mValue.Integer(number))));
        Assert.Equal(bytes, Convert.ToHexString(TlvValue.Encode(Lwm2mValue.Time(number))));
    }

    [Theory]
    [InlineData(ResourceType.Integer, "010000", "65536")]
    [InlineData(ResourceType.Integer, "FF7FFF", "-32769")]
    [InlineData(ResourceType.Integer, "C8", "-56")]
    [InlineData(ResourceType.Integer, "", "0")]
    [InlineData(ResourceType.Time, "", "0")]
    [InlineData(ResourceType.UnsignedInteger, "", "0")]
    [InlineData(ResourceType.UnsignedInteger, "C8", "200")]
    [InlineData(ResourceType.UnsignedInteger, "FFFFFFFFFFFFFFFF", "18446744073709551615")]
    [InlineData(ResourceType.Time, "6553F100", "1700000000")]
    [InlineData(ResourceType.Float, "3C00", "1")]
    [InlineData(ResourceType.Float, "3FC00000", "1.5")]
    [InlineData(ResourceType.Float, "3FF8000000000000", "1.5")]
    [InlineData(ResourceType.Boolean, "01", "1")]
    [InlineData(ResourceType.ObjectLink, "00420001", "66:1")]
    [InlineData(ResourceType.Opaque, "", "")]
    [InlineData(ResourceType.String, "C3A4", "\u00e4")]
    [InlineData(ResourceType.CoreLink, "3C2F333E", "</3>")]
    public void Value_IsReadByItsType(ResourceType type, string bytes, string text)
    {
        Assert.True(TlvValue.TryDecode(type, Hex(bytes), out var value, out _));
        Assert.Equal(type, value.Type);
        Assert.Equal(text, value.ToString());
    }

    [Theory]
    [InlineData(ResourceType.Integer, "000000000000000001")]
    [InlineData(ResourceType.Float, "00")]
    [InlineData(ResourceType.Float, "7FC00000")]
    [InlineData(ResourceType.Float, "7FF0000000000000")]
    [InlineData(ResourceType.Boolean, "02")]
    [InlineData(ResourceType.Boolean, "0001")]
    [InlineData(ResourceType.ObjectLink, "000000")]
    [InlineData(ResourceType.None, "00")]
    public void Value_ThatIsNotOfItsType_IsRefused(ResourceType type, string bytes)
    {
        Assert.False(TlvValue.TryDecode(type, Hex(bytes), out _, out var reason));
        Assert.NotEmpty(reason);
    }

    [Fact]
    public void EveryValue_SurvivesTlvAndText() => Generators.Values.Sample(value =>
        TlvValue.TryDecode(value.Type, TlvValue.Encode(value), out var fromTlv, out _) && fromTlv == value
        && TextValue.TryDecode(value.Type, TextValue.Encode(value), out var fromText, out _) && fromText == value);
}
