using System.Text;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m;

namespace Pipeline.Tests.Lwm2m;

/// <summary>Payloads of the LwM2M 1.0 specification, section 6.4, and small ones of our own.</summary>
static class Samples
{
    /// <summary>Section 6.4.3.1, the resources of /3/0, 121 bytes.</summary>
    internal static byte[] DeviceInstance { get; } = Hex("""
        C8 00 14 4F 70 65 6E 20 4D 6F 62 69 6C 65 20 41 6C 6C 69 61 6E 63 65
        C8 01 16 4C 69 67 68 74 77 65 69 67 68 74 20 4D 32 4D 20 43 6C 69 65 6E 74
        C8 02 09 33 34 35 30 30 30 31 32 33
        C3 03 31 2E 30
        86 06 41 00 01 41 01 05
        88 07 08 42 00 0E D8 42 01 13 88
        87 08 41 00 7D 42 01 03 84
        C1 09 64
        C1 0A 0F
        83 0B 41 00 00
        C4 0D 51 82 42 8F
        C6 0E 2B 30 32 3A 30 30
        C1 10 55
        """);

    /// <summary>Section 6.4.3.2, two instances of the Access Control object, one with a 16-bit resource instance id.</summary>
    internal static byte[] AccessControlObject { get; } = Hex("""
        08 00 0E  C1 00 01  C1 01 00  83 02 41 7F 07  C1 03 7F
        08 02 12  C1 00 03  C1 01 00  87 02 41 7F 07 61 01 36 01  C1 03 7F
        """);

    /// <summary>Section 6.4.3.3, an object with links to other instances.</summary>
    internal static byte[] LinksInstance { get; } = Hex("""
        88 00 0C 44 00 00 42 00 00 44 01 00 42 00 01
        C8 01 0D 38 36 31 33 38 30 30 37 35 35 35 30 30
        C4 02 12 34 56 78
        """);

    internal const string DeviceJson = """
        {"bn":"/3/0/","e":[{"n":"0","sv":"Open Mobile Alliance"},{"n":"6/0","v":1},{"n":"7/0","v":3800},
        {"n":"9","v":100},{"n":"13","v":1367491215},{"n":"16","sv":"U"}]}
        """;

    /// <summary>The same values in SenML JSON, after LwM2M 1.1.</summary>
    internal const string DeviceSenml = """
        [{"bn":"/3/0/","n":"0","vs":"Open Mobile Alliance"},{"n":"1","vs":"Lightweight M2M Client"},{"n":"2","vs":"345000123"},{"n":"3","vs":"1.0"},
        {"n":"6/0","v":1},{"n":"6/1","v":5},{"n":"7/0","v":3800},{"n":"7/1","v":5000},{"n":"8/0","v":125},{"n":"8/1","v":900},
        {"n":"9","v":100},{"n":"10","v":15},{"n":"11/0","v":0},{"n":"13","v":1367491215},{"n":"14","vs":"+02:00"},{"n":"16","vs":"U"}]
        """;

    internal const string SmallDefinition = """
        <LWM2M><Object><Name>Probe</Name><ObjectID>4711</ObjectID><Resources>
        <Item ID="1"><Name>Reading</Name><Operations>R</Operations><Type>Float</Type><Units>m</Units></Item>
        <Item ID="2"><Name>Names</Name><Operations>RW</Operations><MultipleInstances>Multiple</MultipleInstances><Type>String</Type></Item>
        </Resources></Object></LWM2M>
        """;

    internal static byte[] Hex(string digits) => Convert.FromHexString(string.Concat(digits.Where(char.IsAsciiHexDigit)));

    internal static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    internal static Lwm2mPath At(string path) =>
        Lwm2mPath.TryParse(path, out var parsed) ? parsed : throw new ArgumentException($"not a path: {path}", nameof(path));

    internal static DecodeContext Reading(string path) => new() { RequestPath = At(path), Definitions = Repository.Shipped.For(null) };
}
