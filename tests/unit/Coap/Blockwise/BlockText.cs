using System.Globalization;
using Protocol.Coap;

namespace Pipeline.Tests.Coap.Blockwise;

/// <summary>Blocks as RFC 7959 writes them: "1:4/1/32" is Block1, number 4, more to come, 32 bytes.</summary>
static class BlockText
{
    public static BlockOption Parse(string text)
    {
        var parts = text.Split(':', '/');
        return new BlockOption(
            uint.Parse(parts[1], CultureInfo.InvariantCulture), parts[2] == "1", BlockOption.ExponentOf(int.Parse(parts[3], CultureInfo.InvariantCulture)));
    }

    public static string Of(int option, BlockOption block) => $"{option}:{block.Number}/{(block.More ? 1 : 0)}/{block.Size}";

    /// <summary>A piggybacked response such as "2.05 2:0/1/128 1:2/0/128"; its payload is as long as a Block2 says, or that of the last one.</summary>
    public static byte[] Response(string said, byte[]? payload = null, string? etag = null, ushort? format = null, uint? observe = null, uint? size2 = null)
    {
        var words = said.Split(' ');
        var buffer = new byte[2048];
        var code = (CoapCode)(((words[0][0] - '0') << 5) | int.Parse(words[0][2..], CultureInfo.InvariantCulture));
        var writer = new CoapWriter(buffer, CoapType.Acknowledgement, code, 1, [1]);
        if (etag is not null)
            writer.AddOption(CoapOptionNumber.ETag, Convert.FromHexString(etag));
        if (observe is { } sequence)
            writer.AddOption(CoapOptionNumber.Observe, sequence);
        if (format is { } number)
            writer.AddOption(CoapOptionNumber.ContentFormat, number);
        foreach (var word in words[1..].OrderByDescending(w => w[0]))
            writer.AddOption(word[0] == '2' ? CoapOptionNumber.Block2 : CoapOptionNumber.Block1, Parse(word).Value);
        if (size2 is { } size)
            writer.AddOption(CoapOptionNumber.Size2, size);
        writer.AddPayload(payload ?? []);
        Assert.True(writer.TryFinish(out var length));
        return buffer[..length];
    }
}
