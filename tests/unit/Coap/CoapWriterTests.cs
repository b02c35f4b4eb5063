using Protocol.Coap;
using static Pipeline.Tests.Coap.CoapSamples;

namespace Pipeline.Tests.Coap;

public sealed class CoapWriterTests
{
    delegate void Build(ref CoapWriter writer);

    [Fact]
    public void Figures16And17_AreWrittenByteByByte()
    {
        AssertWrites(Figure16Request, CoapType.Confirmable, CoapCode.Get, 0x7d34, [], (ref w) => w.AddUriPath("temperature"));
        AssertWrites(Figure16Response, CoapType.Acknowledgement, CoapCode.Content, 0x7d34, [],
            (ref w) => w.AddPayload("22.3 C"u8));
        AssertWrites(Figure17Request, CoapType.Confirmable, CoapCode.Get, 0x7d35, [0x20], (ref w) => w.AddUriPath("/temperature"));
    }

    [Fact]
    public void Notification_IsWrittenByteByByte()
    {
        AssertWrites(Notification, CoapType.Confirmable, CoapCode.Content, 0x1234, [0x4a], (ref w) =>
        {
            w.AddOption(CoapOptionNumber.Observe, 44);
            w.AddOption(CoapOptionNumber.MaxAge, 60);
            w.AddPayload("22.8 Cel"u8);
        });
    }

    /// <summary>Commands as devices of the compatible gateway see them; zero is written as no byte, which is the shortest form.</summary>
    [Theory]
    [InlineData("40011234b13301300130", CoapCode.Get, "/3/0/0", "", -1, -1, "")]
    [InlineData("40011234b56c776d326d013301300130", CoapCode.Get, "/lwm2m/3/0/0", "", -1, -1, "")]
    [InlineData("40011234b1360130013047666f6f3d6261720562617a3d31", CoapCode.Get, "/6/0/0", "foo=bar&baz=1", -1, -1, "")]
    [InlineData("40011234b133013001376128", CoapCode.Get, "/3/0/7", "", -1, 40, "")]
    [InlineData("40031234b1330130023133122d16ffc20d3039", CoapCode.Put, "/3/0/13", "", 11542, -1, "c20d3039")]
    [InlineData("40021234b1330130122d16ffc20d3039c30e3837788306410001", CoapCode.Post, "/3/0/", "", 11542, -1,
        "c20d3039c30e3837788306410001")]
    [InlineData("40031234b13301300139446c743d3506706d61783d3506706d696e3d31", CoapCode.Put, "/3/0/9", "lt=5&pmax=5&pmin=1", -1, -1, "")]
    [InlineData("40021234b1330130013410ff322c37", CoapCode.Post, "/3/0/4", "", 0, -1, "322c37")]
    [InlineData("40021234b135122d16", CoapCode.Post, "5", "", 11542, -1, "")]
    [InlineData("40041234b1350130", CoapCode.Delete, "/5/0", "", -1, -1, "")]
    public void Command_IsWrittenByteByByte(string hex, CoapCode code, string path, string query, int format, int accept, string payload)
    {
        AssertWrites(hex, CoapType.Confirmable, code, 0x1234, [], (ref w) =>
        {
            w.AddUriPath(path);
            if (format >= 0)
                w.AddOption(CoapOptionNumber.ContentFormat, (uint)format);
            w.AddUriQuery(query);
            if (accept >= 0)
                w.AddOption(CoapOptionNumber.Accept, (uint)accept);
            w.AddPayload(Bytes(payload));
        });
    }

    [Theory]
    [InlineData(0u, "60")]
    [InlineData(1u, "6101")]
    [InlineData(255u, "61ff")]
    [InlineData(256u, "620100")]
    [InlineData(0xFFFFFFu, "63ffffff")]
    public void AddOption_UInt_TakesAsFewBytesAsItNeeds(uint value, string option)
    {
        AssertWrites("40010001" + option, CoapType.Confirmable, CoapCode.Get, 1, [],
            (ref w) => w.AddOption(CoapOptionNumber.Observe, value));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("/", "")]
    [InlineData("3", "b133")]
    [InlineData("/3/", "b133")]
    [InlineData("/a//b", "b1610001" + "62")]
    [InlineData("/\u00e9", "b2c3a9")]
    public void AddUriPath_SplitsAtSlashes(string path, string options)
    {
        AssertWrites("40010001" + options, CoapType.Confirmable, CoapCode.Get, 1, [], (ref w) => w.AddUriPath(path));
    }

    [Theory]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(268)]
    [InlineData(269)]
    [InlineData(1024)]
    public void AddOption_DeltaAndLengthAtTheFormLimits_RoundTrip(int size)
    {
        const int UnknownOption = 40_000;
        var buffer = new byte[2048];
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Get, 1, []);
        writer.AddOption(UnknownOption, ""u8);
        writer.AddOption((ushort)(UnknownOption + size), new byte[size]);
        Assert.True(writer.TryFinish(out var written));
        var options = Parse(buffer.AsSpan(0, written)).Options;
        Assert.True(options.MoveNext());
        Assert.Equal((UnknownOption, 0), (options.Current.Number, options.Current.Value.Length));
        Assert.True(options.MoveNext());
        Assert.Equal((UnknownOption + size, size), (options.Current.Number, options.Current.Value.Length));
        Assert.False(options.MoveNext());
    }

    [Fact]
    public void TryWriteEmpty_IsFourBytes()
    {
        Span<byte> bytes = stackalloc byte[CoapWriter.EmptyMessageLength];
        Assert.True(CoapWriter.TryWriteEmpty(bytes, CoapType.Acknowledgement, 0x7d34));
        Assert.Equal(Bytes("60007d34"), bytes);
        Assert.True(CoapWriter.TryWriteEmpty(bytes, CoapType.Reset, 0x7d34));
        Assert.Equal(Bytes("70007d34"), bytes);
        Assert.False(CoapWriter.TryWriteEmpty(bytes[1..], CoapType.Reset, 0x7d34));
    }

    [Fact]
    public void TryFinish_AnyBufferTooShort_IsFalse()
    {
        foreach (var whole in All)
        {
            var buffer = new byte[whole.Length];
            for (var length = 0; length < whole.Length; length++)
                Assert.False(Copy(Parse(whole), buffer.AsSpan(0, length), out _));
            Assert.True(Copy(Parse(whole), buffer, out var written));
            Assert.Equal(whole, buffer.AsSpan(0, written));
        }
    }

    [Fact]
    public void AddOption_AfterOneThatDidNotFit_DoesNotSlipIn()
    {
        var writer = new CoapWriter(new byte[8], CoapType.Confirmable, CoapCode.Get, 1, []);
        writer.AddOption(CoapOptionNumber.UriPath, "too long for it"u8);
        writer.AddOption(CoapOptionNumber.UriPath, "a"u8);
        Assert.False(writer.TryFinish(out var length));
        Assert.Equal(0, length);
    }

    [Fact]
    public void AddOption_LongerThanTheOptionMayBe_Fails()
    {
        var writer = new CoapWriter(new byte[1024], CoapType.Confirmable, CoapCode.Get, 1, []);
        writer.AddUriPath(new string('a', 256));
        Assert.False(writer.TryFinish(out _));
    }

    [Fact]
    public void AddOption_OutOfOrder_Throws()
    {
        Assert.Throws<InvalidOperationException>(() =>
        {
            var writer = new CoapWriter(new byte[64], CoapType.Confirmable, CoapCode.Get, 1, []);
            writer.AddOption(CoapOptionNumber.UriQuery, "a"u8);
            writer.AddOption(CoapOptionNumber.UriPath, "a"u8);
        });
        Assert.Throws<InvalidOperationException>(() =>
        {
            var writer = new CoapWriter(new byte[64], CoapType.Confirmable, CoapCode.Get, 1, []);
            writer.AddPayload("a"u8);
            writer.AddOption(CoapOptionNumber.UriPath, "a"u8);
        });
    }

    /// <summary>Writes again what a frame holds; also used to fuzz.</summary>
    internal static bool Copy(in CoapFrame frame, Span<byte> buffer, out int written)
    {
        var writer = new CoapWriter(buffer, frame.Type, frame.Code, frame.MessageId, frame.Token);
        foreach (var option in frame.Options)
            writer.AddOption(option.Number, option.Value);
        writer.AddPayload(frame.Payload);
        return writer.TryFinish(out written);
    }

    static void AssertWrites(string hex, CoapType type, CoapCode code, ushort messageId, byte[] token, Build build)
    {
        var buffer = new byte[256];
        var writer = new CoapWriter(buffer, type, code, messageId, token);
        build(ref writer);
        Assert.True(writer.TryFinish(out var length));
        Assert.Equal(hex, Convert.ToHexStringLower(buffer.AsSpan(0, length)));
    }
}
