using System.Text;
using Protocol.Coap;
using static Pipeline.Tests.Coap.CoapSamples;

namespace Pipeline.Tests.Coap;

public sealed class CoapFrameTests
{
    [Fact]
    public void TryParse_Figure16_GivesItsParts()
    {
        var request = Parse(Bytes(Figure16Request));
        Assert.Equal((CoapType.Confirmable, CoapCode.Get, (ushort)0x7d34), (request.Type, request.Code, request.MessageId));
        Assert.True(request.Token.IsEmpty);
        Assert.True(request.Payload.IsEmpty);
        Assert.True(request.UriPath.Matches("temperature"u8));

        var response = Parse(Bytes(Figure16Response));
        Assert.Equal((CoapType.Acknowledgement, CoapCode.Content, (ushort)0x7d34), (response.Type, response.Code, response.MessageId));
        Assert.Equal("22.3 C", Encoding.UTF8.GetString(response.Payload));
        Assert.False(response.Options.MoveNext());
    }

    [Fact]
    public void TryParse_Figure17_GivesTheToken()
    {
        Assert.Equal("20", Convert.ToHexString(Parse(Bytes(Figure17Request)).Token));
        Assert.Equal("20", Convert.ToHexString(Parse(Bytes(Figure17Response)).Token));
    }

    [Fact]
    public void TryParse_Notification_GivesObserveMaxAgeAndPayload()
    {
        var frame = Parse(Bytes(Notification));
        Assert.Equal(44u, frame.Observe);
        Assert.True(frame.TryGetUInt(CoapOptionNumber.MaxAge, out var maxAge));
        Assert.Equal(60u, maxAge);
        Assert.Equal("22.8 Cel", Encoding.UTF8.GetString(frame.Payload));
        Assert.Null(frame.ContentFormat);
        Assert.Null(frame.Block2);
    }

    [Fact]
    public void TryParse_Register_GivesPathQueriesAndFormat()
    {
        var frame = Parse(Bytes(Register));
        Assert.Equal(ContentFormat.LinkFormat, frame.ContentFormat);
        Assert.True(frame.UriPath.Matches("rd"u8));
        Assert.Equal(["ep=dev-1", "lt=300", "lwm2m=1.0", "b=U"], Strings(frame.UriQuery));
        Assert.Equal(4, frame.UriQuery.Count());
        Assert.Equal("</1/0>,</3/0>", Encoding.UTF8.GetString(frame.Payload));
    }

    /// <summary>Other gateways write zero as one byte.</summary>
    [Theory]
    [InlineData("40011234610051330130023130", 0u)]
    [InlineData("40011234610151330130023130", 1u)]
    [InlineData("400112346051330130023130", 0u)]
    public void TryParse_ObserveRequest_ZeroMayHaveAByte(string hex, uint observe)
    {
        var frame = Parse(Bytes(hex));
        Assert.Equal(observe, frame.Observe);
        Assert.True(frame.UriPath.Matches("3/0/10"u8));
    }

    [Fact]
    public void TryParse_ExecuteRequest_GivesArguments()
    {
        var frame = Parse(Bytes("40021234b133013001341100ff322c37"));
        Assert.Equal(ContentFormat.TextPlain, frame.ContentFormat);
        Assert.Equal("2,7", Encoding.UTF8.GetString(frame.Payload));
    }

    [Theory]
    [InlineData("", CoapParseError.TooShort)]
    [InlineData("400100", CoapParseError.TooShort)]
    [InlineData("00010000", CoapParseError.UnknownVersion)]
    [InlineData("80010000", CoapParseError.UnknownVersion)]
    [InlineData("c9010000", CoapParseError.UnknownVersion)]
    [InlineData("49010001010203040506070809", CoapParseError.ReservedTokenLength)]
    [InlineData("4f010001010203040506070809", CoapParseError.ReservedTokenLength)]
    [InlineData("40200001", CoapParseError.ReservedCodeClass)]
    [InlineData("40600001", CoapParseError.ReservedCodeClass)]
    [InlineData("40c10001", CoapParseError.ReservedCodeClass)]
    [InlineData("40e10001", CoapParseError.ReservedCodeClass)]
    [InlineData("50000001", CoapParseError.CodeNotForType)]
    [InlineData("60010001", CoapParseError.CodeNotForType)]
    [InlineData("70450001", CoapParseError.CodeNotForType)]
    [InlineData("4100000120", CoapParseError.EmptyWithContent)]
    [InlineData("41000001", CoapParseError.EmptyWithContent)]
    [InlineData("60000001ff31", CoapParseError.EmptyWithContent)]
    [InlineData("44010001010203", CoapParseError.TruncatedToken)]
    [InlineData("40010001f0", CoapParseError.ReservedOptionHeader)]
    [InlineData("400100010f", CoapParseError.ReservedOptionHeader)]
    [InlineData("40010001b272", CoapParseError.TruncatedOption)]
    [InlineData("40010001d0", CoapParseError.TruncatedOption)]
    [InlineData("40010001e000", CoapParseError.TruncatedOption)]
    [InlineData("400100010d", CoapParseError.TruncatedOption)]
    [InlineData("400100010e0000", CoapParseError.TruncatedOption)]
    [InlineData("40010001e0ffff", CoapParseError.OptionNumberOverflow)]
    [InlineData("40010001e0fef2" + "10", CoapParseError.OptionNumberOverflow)]
    [InlineData("40010001ff", CoapParseError.EmptyPayload)]
    public void TryParse_Malformed_SaysWhy(string hex, CoapParseError expected)
    {
        Assert.Equal(expected, CoapFrame.TryParse(Bytes(hex), out var frame));
        Assert.True(frame.Token.IsEmpty);
        Assert.True(frame.Payload.IsEmpty);
        Assert.False(frame.Options.MoveNext());
        Assert.Null(frame.Observe);
    }

    [Theory]
    [InlineData("4f01abcd", true)]
    [InlineData("5f01abcd", false)]
    [InlineData("6f01abcd", false)]
    [InlineData("70450001", false)]
    [InlineData("8f01abcd", false)]
    [InlineData("40", false)]
    public void Malformed_Con_IsRejectedByReset_TheRestBySilence(string hex, bool reset)
    {
        Assert.NotEqual(CoapParseError.None, CoapFrame.TryParse(Bytes(hex), out var frame));
        Assert.Equal(reset, frame.RejectWithReset);
        if (reset)
            Assert.Equal(0xabcd, frame.MessageId);
    }

    [Fact]
    public void TryParse_HighestOptionNumberAndExtendedForms_AreRead()
    {
        // Delta 65535 = 269 + 0xfef2, length 300 = 269 + 0x001f.
        byte[] datagram = [0x40, 0x01, 0, 1, 0xEE, 0xFE, 0xF2, 0x00, 0x1F, .. new byte[300]];
        var options = Parse(datagram).Options;
        Assert.True(options.MoveNext());
        Assert.Equal(65535, options.Current.Number);
        Assert.Equal(300, options.Current.Value.Length);
        Assert.False(options.MoveNext());
    }

    [Theory]
    [InlineData(CoapFrame.MaxOptions, CoapParseError.None)]
    [InlineData(CoapFrame.MaxOptions + 1, CoapParseError.TooManyOptions)]
    [InlineData(10_000, CoapParseError.TooManyOptions)]
    public void TryParse_ManyOptions_AreBounded(int count, CoapParseError expected)
    {
        byte[] datagram = [0x40, 0x01, 0, 1, .. new byte[count]];
        Assert.Equal(expected, CoapFrame.TryParse(datagram, out _));
    }

    [Fact]
    public void TryParse_CutAtEveryByte_NeverGivesMoreThanTheWhole()
    {
        foreach (var whole in All)
        {
            for (var length = 0; length < whole.Length; length++)
            {
                var error = CoapFrame.TryParse(whole.AsSpan(0, length), out var frame);
                if (length < 4)
                    Assert.Equal(CoapParseError.TooShort, error);
                else
                    Assert.Equal((whole[1], (ushort)((whole[2] << 8) | whole[3])), ((byte)frame.Code, frame.MessageId));
                if (error == CoapParseError.None)
                    Assert.True(whole.AsSpan().EndsWith(frame.Payload) || whole.AsSpan(0, length).EndsWith(frame.Payload));
            }
        }
    }

    [Fact]
    public void TryGetUInt_LengthOutOfRange_CountsAsAbsent()
    {
        // Content-Format of three bytes, Observe of four.
        Assert.Null(Parse(Bytes("40020001c3000028")).ContentFormat);
        Assert.Null(Parse(Bytes("400200016400000001")).Observe);
        Assert.False(Parse(Bytes("40020001d5f30000000001")).TryGetUInt(256, out _));
    }

    [Fact]
    public void TryGetUInt_LeadingZerosAndEmpty_AreRead()
    {
        Assert.Equal((ushort)0, Parse(Bytes("40020001c0")).ContentFormat);
        Assert.Equal((ushort)0, Parse(Bytes("40020001c100")).ContentFormat);
        Assert.Equal((ushort)40, Parse(Bytes("40020001c20028")).ContentFormat);
    }

    [Fact]
    public void TryGetOption_Repeated_GivesTheFirst()
    {
        Assert.Equal((ushort)1, Parse(Bytes("40020001c1010102")).ContentFormat);
    }

    [Theory]
    [InlineData("400100d1", "", true)]
    [InlineData("400100d1", "rd", false)]
    [InlineData("400100d1b27264", "rd", true)]
    [InlineData("400100d1b27264", "", false)]
    [InlineData("400100d1b27264", "rd/1", false)]
    [InlineData("400100d1b272640131", "rd/1", true)]
    [InlineData("400100d1b272640131", "rd", false)]
    [InlineData("400100d1b4" + "72642f31", "rd/1", false)]
    [InlineData("400100d1b2726400", "rd/", true)]
    [InlineData("400100d1b2726400", "rd", false)]
    [InlineData("400100d1b25244", "rd", false)]
    public void UriPath_Matches_SegmentBySegment(string hex, string path, bool expected)
    {
        Assert.Equal(expected, Parse(Bytes(hex)).UriPath.Matches(Encoding.UTF8.GetBytes(path)));
    }

    [Fact]
    public void Block_Values_AreDecoded()
    {
        // Block2 (23) = 0x0e: number 0, more, 1024 bytes; Block1 (27) = 0x17: number 1, reserved exponent.
        var frame = Parse(Bytes("40010001d10a0e" + "4117"));
        Assert.Equal(new BlockOption(0, true, 6), frame.Block2);
        Assert.True(frame.Block2!.Value.IsValid);
        Assert.False(frame.Block1!.Value.IsValid);
    }

    static List<string> Strings(CoapOptionValues values)
    {
        var list = new List<string>();
        foreach (var value in values)
            list.Add(Encoding.UTF8.GetString(value));
        return list;
    }
}
