using System.Text;
using Protocol.Coap;

namespace Pipeline.Tests.Coap.Blockwise;

/// <summary>Messages of the examples of RFC 7959 section 3 as they stand on the wire, without their payloads.</summary>
public sealed class Rfc7959ExampleTests
{
    [Theory]
    // Figure 2: simple block-wise GET.
    [InlineData("400104d2b6737461747573", "CON 0.01 /status")]
    [InlineData("604504d2d10a0b", "ACK 2.05 2:0/1/128")]
    [InlineData("400104d3b6737461747573c113", "CON 0.01 /status 2:1/0/128")]
    [InlineData("604504d3d10a1b", "ACK 2.05 2:1/1/128")]
    [InlineData("400104d4b6737461747573c123", "CON 0.01 /status 2:2/0/128")]
    [InlineData("604504d4d10a23", "ACK 2.05 2:2/0/128")]
    // Figure 3: early negotiation; a zero block option still has its size.
    [InlineData("400104d2b6737461747573c102", "CON 0.01 /status 2:0/0/64")]
    [InlineData("604504d7d10a52", "ACK 2.05 2:5/0/64")]
    // Figure 7: simple block-wise PUT.
    [InlineData("400304d2b76f7074696f6e73d1030b", "CON 0.03 /options 1:0/1/128")]
    [InlineData("605f04d2d10e0b", "ACK 2.31 1:0/1/128")]
    [InlineData("400304d4b76f7074696f6e73d10323", "CON 0.03 /options 1:2/0/128")]
    [InlineData("604404d4d10e23", "ACK 2.04 1:2/0/128")]
    // Figure 9: the device wants 32 bytes.
    [InlineData("605f04d2d10e09", "ACK 2.31 1:0/1/32")]
    [InlineData("400304d3b76f7074696f6e73d10349", "CON 0.03 /options 1:4/1/32")]
    [InlineData("400304d5b76f7074696f6e73d10361", "CON 0.03 /options 1:6/0/32")]
    // Figure 10: the last block of the body, and the first of the answer.
    [InlineData("604404d4d10a0b4123", "ACK 2.04 2:0/1/128 1:2/0/128")]
    [InlineData("400204d5b4736f6170c113", "CON 0.02 /soap 2:1/0/128")]
    // Size 16, which is the empty value for the first block, and the last block that there can be.
    [InlineData("60450001d00a", "ACK 2.05 2:0/0/16")]
    [InlineData("60450001d30afffffe", "ACK 2.05 2:1048575/1/1024")]
    public void Message_SaysWhatTheFigureSays_AndIsWrittenTheSame(string hex, string said)
    {
        Assert.Equal(CoapParseError.None, CoapFrame.TryParse(Convert.FromHexString(hex), out var frame));
        Assert.Equal(said, SaidOf(frame));

        var buffer = new byte[64];
        var writer = new CoapWriter(buffer, frame.Type, frame.Code, frame.MessageId, []);
        writer.AddUriPath(said.Split(' ').FirstOrDefault(w => w[0] == '/') ?? "");
        foreach (var word in said.Split(' ').Where(w => w.Contains(':', StringComparison.Ordinal)))
            writer.AddOption(word[0] == '2' ? CoapOptionNumber.Block2 : CoapOptionNumber.Block1, BlockText.Parse(word).Value);
        Assert.True(writer.TryFinish(out var length));
        Assert.Equal(hex, Convert.ToHexStringLower(buffer[..length]));
    }

    static string SaidOf(in CoapFrame frame)
    {
        var said = (frame.Type == CoapType.Confirmable ? "CON " : "ACK ") + frame.Code.Dotted;
        foreach (var segment in frame.UriPath)
            said += " /" + Encoding.ASCII.GetString(segment);
        if (frame.Block2 is { } given)
            said += " " + BlockText.Of(2, given);
        if (frame.Block1 is { } taken)
            said += " " + BlockText.Of(1, taken);
        return said;
    }
}
