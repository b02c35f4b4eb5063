using Protocol.Coap;

namespace Pipeline.Tests.Coap;

/// <summary>What must hold for any bytes whatever.</summary>
static class CoapChecks
{
    static readonly ushort[] Supported = [CoapOptionNumber.UriPath, CoapOptionNumber.UriQuery, CoapOptionNumber.Block1];

    /// <summary>Parses and touches every accessor; a valid message that is written again and parsed again is the same.</summary>
    public static void AssertTotal(ReadOnlySpan<byte> bytes)
    {
        var error = CoapFrame.TryParse(bytes, out var frame);
        Touch(frame);
        if (error != CoapParseError.None)
        {
            Assert.True(frame.Datagram.Length is 0 or 4);
            return;
        }

        Assert.True(frame.Datagram == bytes);
        Assert.False(frame.Type == CoapType.Reset && frame.Code != CoapCode.Empty);
        if (!HasOnlyLengthsInRange(frame))
            return;
        Span<byte> copy = stackalloc byte[bytes.Length];
        Assert.True(CoapWriterTests.Copy(frame, copy, out var written));
        Assert.True(CoapFrame.TryParse(copy[..written], out var again) == CoapParseError.None);
        Assert.True(again.Payload.SequenceEqual(frame.Payload) && again.Token.SequenceEqual(frame.Token));
        // Extended forms may be longer than they need to be; then, and only then, our bytes are fewer.
        Assert.True(written < bytes.Length || copy.SequenceEqual(bytes));
    }

    static void Touch(in CoapFrame frame)
    {
        var total = frame.Token.Length + frame.Payload.Length + frame.UriPath.Count() + frame.UriQuery.Count() + frame.LocationPath.Count();
        _ = (frame.Observe, frame.ContentFormat, frame.Accept, frame.Block1?.Size, frame.Block2?.Offset, frame.RejectWithReset);
        _ = frame.UriPath.Matches("rd/5a3f"u8);
        _ = CriticalOptions.TryFindUnsupported(frame, Supported, out _);
        var last = 0;
        var count = 0;
        foreach (var option in frame.Options)
        {
            Assert.True(option.Number >= last);
            last = option.Number;
            count++;
            total += option.Value.Length;
        }

        Assert.True(count <= CoapFrame.MaxOptions);
        Assert.True(total <= frame.Datagram.Length * 4);
    }

    static bool HasOnlyLengthsInRange(in CoapFrame frame)
    {
        foreach (var option in frame.Options)
        {
            if (!OptionFormat.AllowsLength(option.Number, option.Value.Length))
                return false;
        }

        return true;
    }
}
