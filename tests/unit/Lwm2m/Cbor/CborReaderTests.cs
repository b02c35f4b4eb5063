using CsCheck;
using Protocol.Lwm2m.Cbor;
using Protocol.Lwm2m.Values;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Cbor;

public sealed class CborReaderTests
{
    // RFC 8949 appendix A.
    [Theory]
    [InlineData("00", "0")]
    [InlineData("17", "23")]
    [InlineData("1818", "24")]
    [InlineData("1903E8", "1000")]
    [InlineData("1A000F4240", "1000000")]
    [InlineData("1B000000E8D4A51000", "1000000000000")]
    [InlineData("1BFFFFFFFFFFFFFFFF", "18446744073709551615")]
    [InlineData("C249010000000000000000", "1.8446744073709552E+19")]
    [InlineData("3BFFFFFFFFFFFFFFFF", "-18446744073709551616")]
    [InlineData("C349010000000000000000", "-1.8446744073709552E+19")]
    [InlineData("20", "-1")]
    [InlineData("3903E7", "-1000")]
    [InlineData("F90000", "0")]
    [InlineData("F93C00", "1")]
    [InlineData("FB3FF199999999999A", "1.1")]
    [InlineData("F97BFF", "65504")]
    [InlineData("FA47C35000", "100000")]
    [InlineData("FB7E37E43C8800759C", "1E+300")]
    [InlineData("F90001", "5.960464477539063E-08")]
    [InlineData("F97C00", "Infinity")]
    [InlineData("F97E00", "NaN")]
    [InlineData("FAFF800000", "-Infinity")]
    [InlineData("F4", "false")]
    [InlineData("F5", "true")]
    [InlineData("F6", "null")]
    [InlineData("F7", "null")]
    [InlineData("F0", "other")]
    [InlineData("F8FF", "other")]
    [InlineData("C11A514B67B0", "epoch 1363896240")]
    [InlineData("C1FB41D452D9EC200000", "epoch 1363896240.5")]
    [InlineData("D74401020304", "bytes 01020304")]
    [InlineData("40", "bytes ")]
    [InlineData("6449455446", "text 49455446")]
    [InlineData("62C3BC", "text C3BC")]
    [InlineData("83010203", "other")]
    [InlineData("A201020304", "other")]
    [InlineData("5F42010243030405FF", "bytes 0102030405")]
    [InlineData("7F657374726561646D696E67FF", "text 73747265616D696E67")]
    [InlineData("5FFF", "bytes ")]
    [InlineData("9F018202039F0405FFFF", "other")]
    [InlineData("BF6346756EF563416D7421FF", "other")]
    // Section 3.4.4, and around it.
    [InlineData("C48221196AB3", "273.15")]
    [InlineData("C4820219 6AB3", "2731500")]
    [InlineData("C4822018 64", "10")]
    [InlineData("C4821903E801", "Infinity")]
    [InlineData("C4823903E801", "0")]
    [InlineData("C4821903E800", "0")]
    [InlineData("C48101", "other")]
    [InlineData("C401", "other")]
    [InlineData("C201", "other")]
    [InlineData("C24201F4", "500")]
    [InlineData("C34201F3", "-500")]
    [InlineData("D9D9F701", "1")]
    public void Value_IsRead(string bytes, string expected)
    {
        var reader = new CborReader(Hex(bytes));
        Assert.True(reader.TryValue(out var value), reader.Fault);
        Assert.Equal(expected, Describe(value));
        Assert.True(reader.IsAtEnd);
    }

    // RFC 8949 appendix F, and lengths that lie.
    [Theory]
    [InlineData("")]
    [InlineData("18")]
    [InlineData("19 00")]
    [InlineData("1A 000000")]
    [InlineData("1B 00000000000000")]
    [InlineData("1C")]
    [InlineData("5D")]
    [InlineData("FE")]
    [InlineData("1F")]
    [InlineData("3F")]
    [InlineData("DF 00")]
    [InlineData("FF")]
    [InlineData("41")]
    [InlineData("6101 62 41")]
    [InlineData("5A FFFFFFFF 00")]
    [InlineData("5B FFFFFFFFFFFFFFFF 010203")]
    [InlineData("7B 7FFFFFFFFFFFFFFF 010203")]
    [InlineData("9A FFFFFFFF 00")]
    [InlineData("9B FFFFFFFFFFFFFFFF 00")]
    [InlineData("BB FFFFFFFFFFFFFFFF 0000")]
    [InlineData("BB 8000000000000000 0000")]
    [InlineData("A1 00")]
    [InlineData("82 00")]
    [InlineData("9F")]
    [InlineData("9F 01")]
    [InlineData("BF 01 FF")]
    [InlineData("5F 41 00")]
    [InlineData("5F 6100 FF")]
    [InlineData("5F 00 FF")]
    [InlineData("7F 7F6100FF FF")]
    [InlineData("C0")]
    [InlineData("C4 82 01")]
    [InlineData("81 81 81 81 81 81 81 81 81 81 81 81 81 81 81 81 81 81 81 00")]
    [InlineData("C1 C1 C1 C1 C1 C1 C1 C1 C1 C1 C1 C1 C1 C1 C1 C1 C1 C1 C1 00")]
    public void WhatIsNotWellFormed_IsAFault(string bytes)
    {
        var reader = new CborReader(Hex(bytes));
        while (reader.TryValue(out _))
            Assert.False(reader.IsAtEnd, "nothing was wrong");
        Assert.NotNull(reader.Fault);
        Assert.False(reader.TryHead(out _));
        Assert.False(reader.TrySkip());
    }

    [Fact]
    public void Fault_NamesTheByte()
    {
        var reader = new CborReader(Hex("83 01 45 0102"));
        Assert.False(reader.TrySkip());
        Assert.Equal("CBOR item at byte 2: claims 5 bytes, 2 bytes are there", reader.Fault);
    }

    [Theory]
    [InlineData("C482")]
    [InlineData("81")]
    [InlineData("A100")]
    [InlineData("9F")]
    [InlineData("C1")]
    public void Depth_IsBounded(string level)
    {
        var deep = Enumerable.Repeat(Hex(level), 1_000_000).SelectMany(part => part).ToArray();
        var value = new CborReader(deep);
        Assert.False(value.TryValue(out _));
        var skipped = new CborReader(deep);
        Assert.False(skipped.TrySkip());
    }

    [Fact]
    public void WhatIsWritten_IsReadBack() => Gen.OneOf(Gen.Long, Gen.Int[-70000, 70000].Select(number => (long)number)).Sample(number =>
    {
        var writer = new CborWriter();
        writer.Integer(number);
        writer.Real(number);
        var reader = new CborReader(writer.Written);
        return reader.TryValue(out var whole) && whole.Whole == number && reader.TryValue(out var real) && real.Real == number && reader.IsAtEnd;
    });

    // RFC 8949 appendix A: the shortest heads.
    [Theory]
    [InlineData(23, "17")]
    [InlineData(24, "1818")]
    [InlineData(255, "18FF")]
    [InlineData(256, "190100")]
    [InlineData(65536, "1A00010000")]
    [InlineData(4294967296, "1B0000000100000000")]
    [InlineData(-1, "20")]
    [InlineData(-100, "3863")]
    [InlineData(long.MinValue, "3B7FFFFFFFFFFFFFFF")]
    public void Integer_IsWrittenShort(long number, string bytes)
    {
        var writer = new CborWriter();
        writer.Integer(number);
        Assert.Equal(bytes, Convert.ToHexString(writer.Written));
    }

    static string Describe(in WireValue value) => (value.IsEpoch ? "epoch " : "") + value.Kind switch
    {
        WireKind.Whole => value.Whole.ToString(System.Globalization.CultureInfo.InvariantCulture),
        WireKind.Real => value.Real.ToString(System.Globalization.CultureInfo.InvariantCulture),
        WireKind.Boolean => value.Truth ? "true" : "false",
        WireKind.Null => "null",
        WireKind.Bytes => "bytes " + Convert.ToHexString(value.Bytes),
        WireKind.Text => "text " + Convert.ToHexString(value.Bytes),
        _ => "other",
    };
}
