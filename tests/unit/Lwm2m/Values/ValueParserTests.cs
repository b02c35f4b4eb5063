using System.Text.Json;
using Protocol.Lwm2m.Values;

namespace Pipeline.Tests.Lwm2m.Values;

public sealed class ValueParserTests
{
    [Theory]
    [InlineData("Integer", "12345", "12345")]
    [InlineData("Integer", "\"12345\"", "12345")]
    [InlineData("Integer", "-9223372036854775808", "-9223372036854775808")]
    [InlineData("Integer", "5.0", "5")]
    [InlineData("Integer", "\"1e3\"", "1000")]
    [InlineData("Time", "1700000000", "1700000000")]
    [InlineData("Unsigned Integer", "18446744073709551615", "18446744073709551615")]
    [InlineData("Float", "5", "5.0")]
    [InlineData("Float", "\"5\"", "5.0")]
    [InlineData("Float", "\"1e3\"", "1000.0")]
    [InlineData("Float", "-0.25", "-0.25")]
    [InlineData("Boolean", "true", "true")]
    [InlineData("Boolean", "false", "false")]
    [InlineData("Boolean", "\"true\"", "true")]
    [InlineData("Boolean", "\"false\"", "false")]
    [InlineData("Boolean", "\"1\"", "true")]
    [InlineData("Boolean", "\"0\"", "false")]
    [InlineData("Boolean", "1", "true")]
    [InlineData("Boolean", "0", "false")]
    [InlineData("String", "\"12\"", "\"12\"")]
    [InlineData("String", "\"\"", "\"\"")]
    [InlineData("Opaque", "\"AQID\"", "\"AQID\"")]
    [InlineData("Opaque", "\"\"", "\"\"")]
    [InlineData("Objlnk", "\"66:0\"", "\"66:0\"")]
    [InlineData("Objlnk", "\"65535:65535\"", "\"65535:65535\"")]
    [InlineData("CoreLnk", "\"</3>\"", "\"</3>\"")]
    public void Accepted_AndWrittenAsEventsDo(string type, string json, string written)
    {
        Assert.True(Parse(type, json, out var value, out var reason), reason);
        Assert.Equal(type, ResourceTypeName.Of(value.Type), ignoreCase: true);
        Assert.Equal(written, Write(value));
    }

    [Theory]
    [InlineData("Integer", "1.5")]
    [InlineData("Integer", "\"1.5\"")]
    [InlineData("Integer", "9223372036854775808")]
    [InlineData("Integer", "\"0x10\"")]
    [InlineData("Integer", "\" 1\"")]
    [InlineData("Integer", "\"\"")]
    [InlineData("Integer", "1e400")]
    [InlineData("Integer", "true")]
    [InlineData("Integer", "null")]
    [InlineData("Integer", "[1]")]
    [InlineData("Unsigned Integer", "-1")]
    [InlineData("Unsigned Integer", "18446744073709551616")]
    [InlineData("Float", "\"NaN\"")]
    [InlineData("Float", "\"Infinity\"")]
    [InlineData("Float", "1e400")]
    [InlineData("Float", "\"1,5\"")]
    [InlineData("Boolean", "\"yes\"")]
    [InlineData("Boolean", "2")]
    [InlineData("Boolean", "1.0")]
    [InlineData("String", "12")]
    [InlineData("String", "true")]
    [InlineData("String", "{}")]
    [InlineData("String", "\"\\ud800\"")]
    [InlineData("Opaque", "\"AQI\"")]
    [InlineData("Opaque", "\"AQ ID\"")]
    [InlineData("Opaque", "\"AQ-_\"")]
    [InlineData("Opaque", "1")]
    [InlineData("Objlnk", "\"65536:0\"")]
    [InlineData("Objlnk", "\"1\"")]
    [InlineData("Objlnk", "\"1:\"")]
    [InlineData("Objlnk", "\"1:2:3\"")]
    [InlineData("Objlnk", "\"-1:2\"")]
    [InlineData("", "\"x\"")]
    public void Refused_WithAReason(string type, string json)
    {
        Assert.False(Parse(type, json, out _, out var reason));
        Assert.False(string.IsNullOrEmpty(reason));
    }

    [Theory]
    [InlineData(ResourceType.String, "616263", "abc")]
    [InlineData(ResourceType.String, "ff", "/w==")]
    [InlineData(ResourceType.Opaque, "0aFf", "Cv8=")]
    [InlineData(ResourceType.Opaque, "f01", "DwE=")]
    [InlineData(ResourceType.Integer, "3132", "12")]
    public void Hex_IsTheBytesOfTextAndOpaque_AndTheTextOfOthers(ResourceType type, string digits, string text)
    {
        Assert.True(ValueParser.TryParseHex(type, digits, out var value, out _));
        Assert.Equal(text, value.ToString());
    }

    [Theory]
    [InlineData("xy")]
    [InlineData("12 4")]
    public void Hex_OfOtherLetters_IsRefused(string digits) =>
        Assert.False(ValueParser.TryParseHex(ResourceType.String, digits, out _, out _));

    [Fact]
    public void TypeNames_AreThoseOfDefinitionFiles()
    {
        foreach (var type in Enum.GetValues<ResourceType>())
        {
            Assert.True(ResourceTypeName.TryParse(ResourceTypeName.Of(type).ToUpperInvariant(), out var parsed));
            Assert.Equal(type, parsed);
        }
        Assert.False(ResourceTypeName.TryParse("Decimal", out _));
    }

    [Fact]
    public void ReadingAsAnotherType_IsABug()
    {
        Assert.Throws<InvalidOperationException>(() => Lwm2mValue.Integer(1).Text);
        Assert.Throws<InvalidOperationException>(() => Lwm2mValue.String("1").Number);
        Assert.Throws<InvalidOperationException>(() => default(Lwm2mValue).Bytes);
    }

    [Theory]
    [InlineData(10.7f, "10.699999809265137")]
    [InlineData(5f, "5.0")]
    [InlineData(float.MaxValue, "3.4028234663852886E+38")]
    public void SinglePrecision_IsWrittenAsTheDoubleThatItIs(float real, string written) => Assert.Equal(written, Write(Lwm2mValue.Float(real)));

    [Fact]
    public void Equality_ComparesContents()
    {
        Assert.Equal(Lwm2mValue.Opaque([1, 2]), Lwm2mValue.Opaque([1, 2]));
        Assert.Equal(Lwm2mValue.Opaque([1, 2]).GetHashCode(), Lwm2mValue.Opaque([1, 2]).GetHashCode());
        Assert.NotEqual(Lwm2mValue.Opaque([1, 2]), Lwm2mValue.Opaque([1, 3]));
        Assert.NotEqual(Lwm2mValue.Integer(1), Lwm2mValue.Time(1));
        Assert.NotEqual(Lwm2mValue.String("a"), Lwm2mValue.CoreLink("a"));
    }

    static bool Parse(string type, string json, out Lwm2mValue value, out string? reason)
    {
        Assert.True(ResourceTypeName.TryParse(type, out var parsed));
        using var document = JsonDocument.Parse(json);
        return ValueParser.TryParse(parsed, document.RootElement, out value, out reason);
    }

    static string Write(Lwm2mValue value)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            value.WriteTo(json);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
