using System.Globalization;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;
using static Pipeline.Tests.Lwm2m.Samples;

namespace Pipeline.Tests.Lwm2m.Formats;

public sealed class FormatChoiceTests
{
    // Announced formats, format that the command names, path and values; then Content-Format and Accept, "-" where the option is not sent.
    [Theory]
    // LwM2M 1.0: TLV to the device, and what the device likes from it, whatever else it announces.
    [InlineData(Lwm2mVersion.V10, FormatUse.Read, "", null, "/3/0", "", "-", "-")]
    [InlineData(Lwm2mVersion.V10, FormatUse.Read, "11543", null, "/3/0", "", "-", "-")]
    [InlineData(Lwm2mVersion.V10, FormatUse.Read, "", "json", "/3/0", "", "-", "11543")]
    [InlineData(Lwm2mVersion.V10, FormatUse.Write, "", null, "/3/0/14", "/ String x", "11542", "-")]
    [InlineData(Lwm2mVersion.V10, FormatUse.Write, "11543", null, "/3/0", "14 String x", "11542", "-")]
    [InlineData(Lwm2mVersion.V10, FormatUse.Write, "", "opaque", "/5/0/0", "/ Opaque AQID", "42", "-")]
    [InlineData(Lwm2mVersion.V10, FormatUse.Create, "", null, "/3303", "0/5700 Float 1", "11542", "-")]
    // LwM2M 1.1 and 1.2: the best of what is announced.
    [InlineData(Lwm2mVersion.V11, FormatUse.Read, "", null, "/3/0", "", "-", "-")]
    [InlineData(Lwm2mVersion.V11, FormatUse.Read, "60 110 112 11542 11543", null, "/3/0", "", "-", "112")]
    [InlineData(Lwm2mVersion.V11, FormatUse.Read, "60 110 11542", null, "/3/0/9", "", "-", "110")]
    [InlineData(Lwm2mVersion.V11, FormatUse.Read, "11542 11543", null, "/3/0", "", "-", "11542")]
    [InlineData(Lwm2mVersion.V11, FormatUse.Read, "1543", null, "/3/0", "", "-", "11543")]
    [InlineData(Lwm2mVersion.V11, FormatUse.Read, "60", null, "/3/0/9", "", "-", "60")]
    [InlineData(Lwm2mVersion.V11, FormatUse.Read, "60", null, "/3/0", "", "-", "-")]
    [InlineData(Lwm2mVersion.V11, FormatUse.Read, "40 9999", null, "/3/0", "", "-", "-")]
    [InlineData(Lwm2mVersion.V12, FormatUse.Read, "11544 11542 110", null, "/3/0", "", "-", "11544")]
    [InlineData(Lwm2mVersion.V12, FormatUse.Read, "11544 112", null, "/3/0", "", "-", "112")]
    [InlineData(Lwm2mVersion.V12, FormatUse.Read, "112", "lwm2m_cbor", "/3/0", "", "-", "11544")]
    [InlineData(Lwm2mVersion.V11, FormatUse.Write, "", null, "/3/0/14", "/ String x", "11542", "-")]
    [InlineData(Lwm2mVersion.V12, FormatUse.Write, "", null, "/3/0/14", "/ String x", "112", "-")]
    [InlineData(Lwm2mVersion.V11, FormatUse.Write, "110 11542", null, "/3/0", "14 String x", "110", "-")]
    [InlineData(Lwm2mVersion.V12, FormatUse.Write, "11544 11542", null, "/3/0/6", "0 Integer 1", "11544", "-")]
    [InlineData(Lwm2mVersion.V11, FormatUse.Write, "0 60", null, "/3/0/14", "/ String x", "60", "-")]
    [InlineData(Lwm2mVersion.V11, FormatUse.Write, "0 42", null, "/3/0/14", "/ String x", "0", "-")]
    [InlineData(Lwm2mVersion.V11, FormatUse.Write, "0 42 60", null, "/5/0/0", "/ Opaque AQID", "42", "-")]
    [InlineData(Lwm2mVersion.V11, FormatUse.Write, "0 60", null, "/3/0", "14 String x", "11542", "-")]
    [InlineData(Lwm2mVersion.V12, FormatUse.Write, "0 60", null, "/3/0", "14 String x", "112", "-")]
    [InlineData(Lwm2mVersion.V12, FormatUse.Write, "112", "text", "/3/0/14", "/ String x", "0", "-")]
    // Only TLV leaves the number of the instance to the device.
    [InlineData(Lwm2mVersion.V12, FormatUse.Create, "112 11544", null, "/3303", "5700 Float 1", "11542", "-")]
    [InlineData(Lwm2mVersion.V12, FormatUse.Create, "112 11544", null, "/3303", "0/5700 Float 1", "112", "-")]
    // Composite operations.
    [InlineData(Lwm2mVersion.V11, FormatUse.ReadComposite, "", null, "/", "", "112", "-")]
    [InlineData(Lwm2mVersion.V11, FormatUse.ReadComposite, "110 11542", null, "/", "", "110", "110")]
    [InlineData(Lwm2mVersion.V11, FormatUse.ReadComposite, "110 112", null, "/", "", "112", "112")]
    [InlineData(Lwm2mVersion.V12, FormatUse.ReadComposite, "320 322 11544", null, "/", "", "322", "11544")]
    [InlineData(Lwm2mVersion.V11, FormatUse.ReadComposite, "112", "senml_json", "/", "", "110", "110")]
    [InlineData(Lwm2mVersion.V12, FormatUse.ReadComposite, "110 11544", "lwm2m_cbor", "/", "", "110", "11544")]
    [InlineData(Lwm2mVersion.V12, FormatUse.ReadComposite, "", "lwm2m_cbor", "/", "", "112", "11544")]
    [InlineData(Lwm2mVersion.V11, FormatUse.ReadComposite, "", "tlv", "/", "", null, null)]
    [InlineData(Lwm2mVersion.V11, FormatUse.WriteComposite, "", null, "/", "3/0/14 String x", "112", "-")]
    [InlineData(Lwm2mVersion.V11, FormatUse.WriteComposite, "110", null, "/", "3/0/14 String x", "110", "-")]
    [InlineData(Lwm2mVersion.V12, FormatUse.WriteComposite, "11544", null, "/", "3/0/14 String x", "11544", "-")]
    [InlineData(Lwm2mVersion.V12, FormatUse.WriteComposite, "110", "senml_cbor", "/", "3/0/14 String x", "112", "-")]
    [InlineData(Lwm2mVersion.V12, FormatUse.WriteComposite, "112 322", null, "/", "remove 3/0/6/1", "322", "-")]
    [InlineData(Lwm2mVersion.V12, FormatUse.WriteComposite, "110", null, "/", "remove 3/0/6/1", "320", "-")]
    [InlineData(Lwm2mVersion.V12, FormatUse.WriteComposite, "112 11544", null, "/", "remove 3/0/6/1", "11544", "-")]
    [InlineData(Lwm2mVersion.V12, FormatUse.WriteComposite, "", null, "/", "remove 3/0/6/1", "322", "-")]
    [InlineData(Lwm2mVersion.V12, FormatUse.WriteComposite, "", "senml_json", "/", "remove 3/0/6/1", "320", "-")]
    [InlineData(Lwm2mVersion.V12, FormatUse.WriteComposite, "", "text", "/", "3/0/14 String x", null, null)]
    public void Choice(
        Lwm2mVersion version, FormatUse use, string announced, string? named, string path, string values, string? contentFormat, string? accept)
    {
        ResourceValue[] carried = values.StartsWith("remove ", StringComparison.Ordinal)
            ? [new(At(values["remove ".Length..]), Lwm2mValue.None)]
            : ContentEncoderTests.Content(values);
        var possible = FormatChoice.TryChoose(
            use, version, AnnouncedFormats.Parse(announced), ContentFormatName.Parse(named), At(path), carried, out var chosen, out var reason);
        Assert.Equal((contentFormat, accept), possible ? (Text(chosen.ContentFormat), Text(chosen.Accept)) : (null, null));
        Assert.Equal(possible, reason is null);
        // What is chosen can be written.
        if (possible && named is null && chosen.ContentFormat is { } format && use != FormatUse.ReadComposite)
            Assert.True(ContentEncoder.TryEncode(format, At(path), carried, Repository.Shipped.For(null), out _, out reason), reason);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("110", "110")]
    [InlineData("60 110  112", "60 110 112")]
    [InlineData("110,112", "110 112")]
    [InlineData("1542 11542 1543 1541 1544", "11542 11543 0 42")]
    [InlineData("x 110 99999 -1 112", "110 112")]
    public void Announcement_IsRead(string? ct, string formats)
    {
        var announced = AnnouncedFormats.Parse(ct);
        Assert.Equal(formats, string.Join(' ', announced.All));
        Assert.Equal(formats.Length == 0, announced.IsEmpty);
        Assert.False(default(AnnouncedFormats).Contains(0));
    }

    [Fact]
    public void Announcement_IsBounded() =>
        Assert.Equal(AnnouncedFormats.MaxFormats, AnnouncedFormats.Parse(string.Join(' ', Enumerable.Range(0, 1000))).All.Count);

    [Fact]
    public void Names_AreThoseOfCommands()
    {
        var names = ContentFormatName.All.Replace(" and ", ", ", StringComparison.Ordinal).Split(", ");
        Assert.Equal(8, names.Length);
        Assert.All(names, name => Assert.Equal(name, ContentFormatName.Of(ContentFormatName.Parse(name)!.Value)));
        Assert.Null(ContentFormatName.Parse("xml"));
        Assert.Null(ContentFormatName.Parse(null));
        Assert.Null(ContentFormatName.Of(ContentFormats.Xml));
    }

    static string Text(ushort? option) => option?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
