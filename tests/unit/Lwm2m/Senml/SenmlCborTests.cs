using Pipeline.Tests.Lwm2m.Formats;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Senml;

public sealed class SenmlCborTests
{
    // RFC 8428 section 6, the pack of section 5.1.2, seven records.
    const string Golden = """
        87 A7 21 78 1B 75726E3A6465763A6F773A313065323037336130313038303036 3A 22 FB 41D303A15B001062 23 61 41 20 05
        00 67 766F6C74616765 01 61 56 02 FB 405E066666666666
        A3 00 67 63757272656E74 06 24 02 FB 3FF3333333333333
        A3 00 67 63757272656E74 06 23 02 FB 3FF4CCCCCCCCCCCD
        A3 00 67 63757272656E74 06 22 02 FB 3FF6666666666666
        A3 00 67 63757272656E74 06 21 02 F9 3E00
        A3 00 67 63757272656E74 06 20 02 FB 3FF999999999999A
        A3 00 67 63757272656E74 06 00 02 FB 3FFB333333333333
        """;

    [Fact]
    public void PackOfTheRfc_WithNamesOfLwm2m()
    {
        // Its names are no paths, so that the same bytes are read with a base name and names that are.
        var pack = Convert.ToHexString(Hex(Golden))
            .Replace("781B" + Convert.ToHexString(Utf8("urn:dev:ow:10e2073a0108006:")), "67" + Convert.ToHexString(Utf8("/3316/0")), StringComparison.Ordinal)
            .Replace("67" + Convert.ToHexString(Utf8("voltage")), "65" + Convert.ToHexString(Utf8("/5700")), StringComparison.Ordinal)
            .Replace("67" + Convert.ToHexString(Utf8("current")), "65" + Convert.ToHexString(Utf8("/5601")), StringComparison.Ordinal);
        Assert.Equal(
            """
            /3316/0/5700=120.1 @1276020076001
            /3316/0/5601=1.2 @1276020071001
            /3316/0/5601=1.3 @1276020072001
            /3316/0/5601=1.4 @1276020073001
            /3316/0/5601=1.5 @1276020074001
            /3316/0/5601=1.6 @1276020075001
            /3316/0/5601=1.7 @1276020076001
            """,
            Lines(pack, "/3316/0"));
    }

    [Fact]
    public void PackOfTheRfc_AsItIs_HasNoPaths()
    {
        var items = Decode(Golden, "/3316/0").Items;
        Assert.Equal(7, items.Count);
        Assert.All(items, item => Assert.Equal("the name is not a path", item.Note));
        Assert.Equal(Hex("A3 00 67 63757272656E74 06 24 02 FB 3FF3333333333333"), items[1].Value.Bytes);
    }

    [Theory]
    [InlineData("81 A2 00 66 2F332F302F39 02 18 64", "/3/0/9=100")]
    [InlineData("82 A3 21 65 2F332F302F 00 61 39 02 18 64 A2 00 62 3130 02 0F", "/3/0/9=100 /3/0/10=15")]
    // Of indefinite length, in each place.
    [InlineData("9F BF 21 7F 63 2F332F 62 302F FF 00 61 39 02 18 64 FF A2 00 62 3130 02 0F FF", "/3/0/9=100 /3/0/10=15")]
    // Labels by name, as in JSON.
    [InlineData("81 A2 61 6E 66 2F332F302F39 61 76 18 64", "/3/0/9=100")]
    [InlineData("81 A2 21 69 2F332F302F32322F30 63 766C6F 64 36363A31", "/3/0/22/0=66:1")]
    [InlineData("81 A2 21 66 2F332F302F30 03 63 454D51", "/3/0/0=EMQ")]
    [InlineData("81 A2 21 67 2F332F302F3133 02 C1 1A 5182428F", "/3/0/13=1367491215")]
    [InlineData("81 A2 21 67 2F332F302F3133 02 FB 41D46090A3C00000", "/3/0/13=1367491215")]
    [InlineData("81 A2 21 66 2F332F302F39 02 C4 82 01 0A", "/3/0/9=100")]
    [InlineData("81 A2 21 66 2F332F302F39 02 C2 41 64", "/3/0/9=100")]
    [InlineData("81 A2 21 66 2F332F302F39 02 F9 5640", "/3/0/9=100")]
    // Unknown labels: 99, -7, "ext", and a map of its own.
    [InlineData("81 A6 18 63 01 26 02 63 657874 A1 00 80 F5 00 21 66 2F332F302F39 02 18 64", "/3/0/9=100")]
    [InlineData("80", "")]
    [InlineData("9F FF", "")]
    public void Records_AreRead(string payload, string items) => Assert.Equal(items, Lines(payload, "/3/0").Replace('\n', ' '));

    [Theory]
    [InlineData("02 F97E00", "/3303/0/5700", "not a finite Float")]
    [InlineData("02 F97C00", "/3303/0/5700", "not a finite Float")]
    [InlineData("02 FAFF800000", "/3303/0/5700", "not a finite Float")]
    [InlineData("02 FB7FF8000000000000", "/3/0/9", "not an Integer of 64 bits")]
    [InlineData("02 1BFFFFFFFFFFFFFFFF", "/3/0/9", "not an Integer of 64 bits")]
    [InlineData("02 3BFFFFFFFFFFFFFFFF", "/3/0/9", "not an Integer of 64 bits")]
    [InlineData("02 C249010000000000000000", "/3/0/9", "not an Integer of 64 bits")]
    [InlineData("02 20", "/1/0/13", "not an Unsigned Integer of 64 bits")]
    [InlineData("03 62 C328", "/3/0/0", "not UTF-8")]
    [InlineData("03 63 EDA080", "/3/0/0", "not UTF-8")]
    [InlineData("02 61 31", "/3/0/9", "the value is not of the kind that its label says")]
    [InlineData("02 80", "/3/0/9", "the value is not of the kind that its label says")]
    [InlineData("02 F6", "/3/0/9", "there is no value")]
    [InlineData("08 41 00", "/3/0/9", "bytes, where the definition says Integer")]
    public void BadValue_IsNamedWithPathAndReason_AndTheOthersAreDelivered(string field, string path, string reason)
    {
        var name = Convert.ToHexString(Utf8(path));
        var record = $"A2 00 {0x60 + path.Length:X2} {name} {field}";
        var content = ContentDecoder.Decode(
            ContentFormats.SenmlCbor,
            Hex($"83 A2 00 66 2F332F302F39 02 01 {record} A2 00 67 2F332F302F3130 02 02"),
            Reading("/") with { Definitions = Repository.Shipped.For(null, Lwm2mVersion.V12) });
        Assert.Equal(3, content.Items.Count);
        Assert.Equal((At(path), reason, Convert.ToHexString(Hex(record))), (content.Items[1].Path, content.Items[1].Note, Convert.ToHexString(content.Items[1].Value.Bytes)));
        Assert.All([content.Items[0], content.Items[2]], item => Assert.Null(item.Note));
    }

    [Theory]
    [InlineData("")]
    [InlineData("A0")]
    [InlineData("01")]
    [InlineData("82 A2 00 66 2F332F302F39 02 18 64")]
    [InlineData("81 A2 00 66 2F332F302F39 02 18 64 00")]
    [InlineData("81 BF 00 66 2F332F302F39 02 FF")]
    [InlineData("81 A2 00 66 2F332F302F39 02 5A FFFFFFFF 00")]
    [InlineData("9B 7FFFFFFFFFFFFFFF A0")]
    [InlineData("81 BB 7FFFFFFFFFFFFFFF 00 60")]
    // "why_", and a version to come.
    [InlineData("81 A3 00 66 2F332F302F39 02 18 64 64 7768795F 00")]
    [InlineData("81 A3 20 18 32 00 66 2F332F302F39 02 18 64")]
    [InlineData("81 A2 21 41 2F 02 01")]
    public void WhatCannotBeReadAsAWhole_IsAnError(string payload) => Assert.NotEmpty(Decode(payload, "/3/0").Error!);

    [Fact]
    public void WhatIsNoRecord_ComesRaw() => Assert.Equal(
        "/3/0=ggEC (not a SenML record)\n/3/0/9=100", Lines("82 82 01 02 A2 00 66 2F332F302F39 02 18 64", "/3/0"));

    [Fact]
    public void LyingCounts_CostNoMemory()
    {
        var payload = Hex("9A 00FFFFFF");
        Array.Resize(ref payload, 0x1000010);
        ContentDecoder.Decode(ContentFormats.SenmlCbor, payload.AsSpan(0, 100), Reading("/3/0"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("more than 65536 values", ContentDecoder.Decode(ContentFormats.SenmlCbor, payload, Reading("/3/0")).Error);
        // What 65 536 items take, and the bytes of each; 16 million were promised.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 24_000_000);
    }

    [Theory]
    [InlineData(ContentFormats.SenmlCbor)]
    [InlineData(ContentFormats.SenmlJson)]
    public void Numbers_CostNothingButTheirItems(int format)
    {
        var values = Enumerable.Range(0, 20).Select(i => new ResourceValue(new Lwm2mPath(6, (ushort)i), Lwm2mValue.Integer(i))).ToArray();
        Assert.True(ContentEncoder.TryEncode((ushort)format, At("/3/0"), values, default, out var payload, out _));
        var context = Reading("/3/0");
        Assert.Equal(20, ContentDecoder.Decode((ushort)format, payload, context).Items.Count);
        var before = GC.GetAllocatedBytesForCurrentThread();
        ContentDecoder.Decode((ushort)format, payload, context);
        // 20 items of 64 bytes, the list and what holds it.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1280, 1500);
    }

    [Fact]
    public void EveryBeginning_IsRefused()
    {
        var payload = Hex(Golden);
        for (var length = 0; length < payload.Length; length++)
            Assert.NotNull(ContentDecoder.Decode(ContentFormats.SenmlCbor, payload.AsSpan(0, length), Reading("/3/0")).Error);
    }

    [Theory]
    [InlineData(ContentFormats.SenmlCbor, "/3/0", "9 Integer 100, 10 Integer 15", "82 A3 21 65 2F332F302F 00 61 39 02 18 64 A2 00 62 3130 02 0F")]
    [InlineData(ContentFormats.SenmlCbor, "/3/0/9", "/ Integer 100", "81 A2 21 66 2F332F302F39 02 18 64")]
    [InlineData(ContentFormats.SenmlCbor, "/", "3/0/9 Integer 100", "81 A2 00 66 2F332F302F39 02 18 64")]
    [InlineData(ContentFormats.SenmlEtchCbor, "/3/0/0", "/ String EMQ", "81 A2 21 66 2F332F302F30 03 63 454D51")]
    [InlineData(ContentFormats.SenmlCbor, "/3/0/13", "/ Time 1367491215", "81 A2 21 67 2F332F302F3133 02 1A 5182428F")]
    [InlineData(ContentFormats.SenmlCbor, "/3/0/22/0", "/ Objlnk 66:1", "81 A2 21 69 2F332F302F32322F30 63 766C6F 64 36363A31")]
    [InlineData(ContentFormats.SenmlCbor, "/5/0/0", "/ Opaque AQID", "81 A2 21 66 2F352F302F30 08 43 010203")]
    [InlineData(ContentFormats.SenmlCbor, "/1/0/6", "/ Boolean true", "81 A2 21 66 2F312F302F36 04 F5")]
    [InlineData(ContentFormats.SenmlCbor, "/3/0", "", "80")]
    public void Command_IsWritten(int format, string basePath, string content, string payload)
    {
        Assert.True(ContentEncoder.TryEncode(
            (ushort)format, At(basePath), ContentEncoderTests.Content(content), Repository.Shipped.For(null), out var bytes, out var reason), reason);
        Assert.Equal(Convert.ToHexString(Hex(payload)), Convert.ToHexString(bytes));
    }

    [Fact]
    public void Removal_NeedsAPatch()
    {
        ResourceValue[] values = [new(At("3/0/6/1"), Lwm2mValue.None), new(At("3/0/9"), Lwm2mValue.Integer(1))];
        Assert.False(ContentEncoder.TryEncode(ContentFormats.SenmlCbor, default, values, default, out _, out var reason));
        Assert.Equal("the path /3/0/6/1 of the content does not name a value below /", reason);
        Assert.True(ContentEncoder.TryEncode(ContentFormats.SenmlEtchCbor, default, values, default, out var payload, out _));
        Assert.Equal("82A200682F332F302F362F3102F6A200662F332F302F390201", Convert.ToHexString(payload));
        Assert.Equal(
            [new DecodedItem(At("/3/0/6/1"), Lwm2mValue.None), new DecodedItem(At("/3/0/9"), Lwm2mValue.Integer(1))],
            ContentDecoder.Decode(ContentFormats.SenmlEtchCbor, payload, Reading("/")).Items);
    }

    static string Lines(string payload, string request) => ContentDecoderTests.Lines(Decode(payload, request));

    static DecodedContent Decode(string payload, string request) => ContentDecoder.Decode(ContentFormats.SenmlCbor, Hex(payload), Reading(request));
}
