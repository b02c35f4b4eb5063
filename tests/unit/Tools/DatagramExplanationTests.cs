using CsCheck;
using Protocol.Lwm2m;
using Tools;
using Tools.Decoding;

namespace Pipeline.Tests.Tools;

public sealed class DatagramExplanationTests
{
    static (bool IsMessage, IReadOnlyList<string> Lines) Explain(string hex, string? path = null)
    {
        Lwm2mPath? known = path is null ? null : Lwm2mPath.TryParse(path, out var parsed) ? parsed : throw new ArgumentException(path);
        var isMessage = DatagramExplanation.TryExplain(Convert.FromHexString(hex), ShippedDefinitions.Catalog, known, out var lines);
        return (isMessage, lines);
    }

    [Fact]
    public void Batch_write_down_to_names_and_values() => Assert.Equal(
        [
            "CON 0.02 Post, message id 4660 (0x1234), no token",
            "Write (partial update) /3/0",
            "  Uri-Path        3",
            "  Uri-Path        0",
            "  Content-Format  application/vnd.oma.lwm2m+tlv (11542)",
            "payload, 14 bytes, application/vnd.oma.lwm2m+tlv (11542)",
            "  resource 13 Current Time = 12345 (Time)",
            "  resource 14 UTC Offset = 87x (String)",
            "  multiple resource 6 Available Power Sources",
            "    resource instance 0 = 1 (Integer)",
        ],
        Explain("40021234B1330130122D16FFC20D3039C30E3837788306410001").Lines);

    [Fact]
    public void Notification_has_names_where_the_path_is_told()
    {
        const string Frame = "62451234ABCD610C622D16FFE81644084035800000000000";
        Assert.Contains("  resource 5700 Sensor Value = 21.5 (Float)", Explain(Frame, "/3303/0").Lines);
        Assert.Contains("  resource 5700 = 0x4035800000000000, as integer 4626744929681408000, as float 21.5", Explain(Frame).Lines);
        Assert.Contains("  Observe         12", Explain(Frame).Lines);
    }

    [Theory]
    [InlineData("40011234610051330130023130", "Observe /3/0/10")]
    [InlineData("40011234610151330130023130", "Cancel Observation /3/0/10")]
    [InlineData("40011234B133013001376128", "Discover /3/0/7")]
    [InlineData("40031234B13301300139446C743D3506706D61783D3506706D696E3D31", "Write-Attributes /3/0/9")]
    [InlineData("40021234B133013001341100FF322C37", "Execute /3/0/4")]
    [InlineData("40021234B135122D16", "Create /5")]
    [InlineData("40041234B1350130", "Delete /5/0")]
    [InlineData("40021234B27264", "Register")]
    [InlineData("40021234B272640161", "Update")]
    [InlineData("40041234B272640161", "De-register")]
    [InlineData("40001234", "ping")]
    [InlineData("70001234", "rejection of that message")]
    public void Meaning_is_told(string hex, string meaning) => Assert.Equal(meaning, Explain(hex).Lines[1]);

    [Fact]
    public void Links_have_the_names_of_objects()
    {
        var lines = Explain("40021234B272641128FF3C2F332F303E2C3C2F333330332F303E3B7665723D312E31").Lines;
        Assert.Contains("  </3/0>                  Device", lines);
        Assert.Contains("  </3303/0>;ver=1.1       Temperature", lines);
    }

    [Fact]
    public void What_is_no_message_is_said_to_be_none()
    {
        var (isMessage, lines) = Explain("4901");
        Assert.False(isMessage);
        Assert.Equal("not a CoAP message: TooShort (2 bytes)", Assert.Single(lines));
    }

    [Fact]
    public void Control_characters_do_not_reach_the_terminal() =>
        Assert.DoesNotContain(Explain("40021234B41B5B326AFF1B5B326A").Lines, line => line.Contains('\u001b'));

    [Fact]
    public void Lying_and_deep_TLV_is_shown_as_far_as_it_goes()
    {
        Assert.Contains(Explain("40031234B1330130122D16FFC80D40").Lines, line => line.Contains("claims 64 bytes", StringComparison.Ordinal));
        // Multiple resources in each other.
        Assert.True(Explain("60451234C22D16FF8801088801068801048801028100").IsMessage);
    }

    [Fact]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 80].Sample(bytes =>
    {
        if (bytes.Length > 1)
            bytes[0] = (byte)(0x40 | bytes[0] & 0x33);
        DatagramExplanation.TryExplain(bytes, ShippedDefinitions.Catalog, new Lwm2mPath(3), out var lines);
        Assert.NotEmpty(lines);
    });
}
