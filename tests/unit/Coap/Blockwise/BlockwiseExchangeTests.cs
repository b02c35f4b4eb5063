using Protocol.Coap;
using Protocol.Coap.Blockwise;

namespace Pipeline.Tests.Coap.Blockwise;

/// <summary>The client's side of the examples of RFC 7959 section 3, and what the examples leave out.</summary>
public sealed class BlockwiseExchangeTests
{
    const int Most = 4000;

    static byte[] Content(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];

    static BlockwiseExchange Request(int body = 0, int block = 128, bool mayBeRepeated = true) =>
        new(Content(body), new BlockwiseLimits(block, Most, 247_000), mayBeRepeated);

    static string Said(in BlockRequest request)
    {
        var said = new List<string>();
        if (request.Block2 is { } wanted)
            said.Add(BlockText.Of(2, wanted));
        if (request.Block1 is { } part)
            said.Add(BlockText.Of(1, part));
        if (request.Size1 is { } size)
            said.Add("size1=" + size);
        return string.Join(' ', said);
    }

    static BlockwiseStep Give(BlockwiseExchange exchange, string said, byte[]? payload = null, string? etag = null, ushort? format = null, uint? size2 = null)
    {
        CoapFrame.TryParse(BlockText.Response(said, payload, etag, format, size2: size2), out var frame);
        return exchange.OnResponse(frame);
    }

    static byte[] Cut(byte[] content, string block)
    {
        var option = BlockText.Parse(block);
        return content.Skip((int)option.Offset).Take(option.Size).ToArray();
    }

    [Theory]
    // Figure 2: simple block-wise GET.
    [InlineData(328, "2:0/1/128", "2:1/0/128", "2:1/1/128", "2:2/0/128", "2:2/0/128")]
    // Figure 4, the device's side: blocks get smaller on the way.
    [InlineData(330, "2:0/1/128", "2:1/0/128", "2:2/1/64", "2:3/0/64", "2:3/1/64", "2:4/0/64", "2:4/1/64", "2:5/0/64", "2:5/0/64")]
    public void Answer_IsAskedForBlockByBlock(int length, params string[] said)
    {
        var content = Content(length);
        var exchange = Request();
        Assert.Equal("", Said(exchange.Next));
        for (var i = 0; i < said.Length - 1; i += 2)
        {
            Assert.Equal(BlockwiseStep.SendNext, Give(exchange, "2.05 " + said[i], Cut(content, said[i]), format: 0));
            Assert.Equal((said[i + 1], true), (Said(exchange.Next), exchange.Next.IsFollowUp));
        }

        Assert.Equal(BlockwiseStep.Answered, Give(exchange, "2.05 " + said[^1], Cut(content, said[^1])));
        Assert.Equal(content, exchange.Body);
        Assert.Equal(BlockText.Response("2.05 " + said[0], Cut(content, said[0]), format: 0), exchange.First);
    }

    [Theory]
    // Figures 7, 8 and 9: atomic, stateless, with negotiation.
    [InlineData(300, "1:0/1/128 size1=300", "2.31 1:0/1/128", "1:1/1/128", "2.31 1:1/1/128", "1:2/0/128", "2.04 1:2/0/128")]
    [InlineData(300, "1:0/1/128 size1=300", "2.04 1:0/0/128", "1:1/1/128", "2.04 1:1/0/128", "1:2/0/128", "2.04 1:2/0/128")]
    [InlineData(224, "1:0/1/128 size1=224", "2.31 1:0/1/32", "1:4/1/32", "2.31 1:4/1/32", "1:5/1/32", "2.31 1:5/1/32", "1:6/0/32", "2.04 1:6/0/32")]
    // A device that names smaller blocks in the middle, and one that says nothing of blocks in 2.31.
    [InlineData(224, "1:0/1/128 size1=224", "2.31", "1:1/0/128", "2.04")]
    // Too large: the hint of section 2.9.3 is followed, twice.
    [InlineData(140, "1:0/1/128 size1=140", "4.13 1:0/1/64", "1:0/1/64 size1=140", "4.13 1:0/1/32", "1:0/1/32 size1=140", "2.31 1:0/1/32", "1:1/1/32",
        "2.31 1:1/1/32", "1:2/1/32", "2.31 1:2/1/32", "1:3/1/32", "2.31 1:3/1/32", "1:4/0/32", "2.01 1:4/0/32")]
    // The blocks were lost on the other side: all again.
    [InlineData(200, "1:0/1/128 size1=200", "2.31 1:0/1/128", "1:1/0/128", "4.08 1:1/0/128", "1:0/1/128 size1=200", "2.31 1:0/1/128", "1:1/0/128", "2.04")]
    // An error ends it.
    [InlineData(200, "1:0/1/128 size1=200", "4.01 1:0/0/128")]
    [InlineData(200, "1:0/1/128 size1=200", "4.13 1:0/0/128")]
    // A late response to a block of before: the same block again.
    [InlineData(300, "1:0/1/128 size1=300", "2.31 1:0/1/128", "1:1/1/128", "2.31 1:0/1/128", "1:1/1/128", "2.31 1:1/1/128", "1:2/0/128", "2.04 1:2/0/128")]
    public void Body_GoesBlockByBlock(int length, params string[] said)
    {
        var exchange = Request(length);
        for (var i = 0; i < said.Length; i += 2)
        {
            Assert.Equal(said[i], Said(exchange.Next));
            Assert.Equal(Cut(Content(length), said[i].Split(' ')[0]), exchange.Next.Payload.ToArray());
            Assert.Equal(i + 2 < said.Length ? BlockwiseStep.SendNext : BlockwiseStep.Answered, Give(exchange, said[i + 1]));
        }

        Assert.Null(exchange.Body);
    }

    [Fact]
    public void BodyThatFits_GoesWhole_UntilTheDeviceWantsBlocks()
    {
        var exchange = Request(100);
        Assert.Equal("", Said(exchange.Next));
        Assert.Equal(100, exchange.Next.Payload.Length);
        Assert.Equal(BlockwiseStep.SendNext, Give(exchange, "4.13 1:0/0/64"));
        Assert.Equal("1:0/1/64 size1=100", Said(exchange.Next));
    }

    /// <summary>Figure 10: a body in blocks is answered by one in blocks.</summary>
    [Fact]
    public void BodyAndAnswer_BothInBlocks()
    {
        var answer = Content(400);
        var exchange = Request(300);
        Give(exchange, "2.31 1:0/1/128");
        Give(exchange, "2.31 1:1/1/128");
        Assert.Equal("1:2/0/128", Said(exchange.Next));
        foreach (var (said, next) in new[] { ("2:0/1/128 1:2/0/128", "2:1/0/128"), ("2:1/1/128", "2:2/0/128"), ("2:2/1/128", "2:3/0/128") })
        {
            Assert.Equal(BlockwiseStep.SendNext, Give(exchange, "2.04 " + said, Cut(answer, said.Split(' ')[0])));
            Assert.Equal(next, Said(exchange.Next));
            Assert.True(exchange.Next.Payload.IsEmpty);
        }

        Assert.Equal(BlockwiseStep.Answered, Give(exchange, "2.04 2:3/0/128", Cut(answer, "2:3/0/128")));
        Assert.Equal(answer, exchange.Body);
    }

    [Fact]
    public void DeviceThatForgetsAgainAndAgain_EndsWithItsOwn408()
    {
        var exchange = Request(200);
        var begun = 0;
        while (Give(exchange, "2.31 1:0/1/128") == BlockwiseStep.SendNext && Give(exchange, "4.08") == BlockwiseStep.SendNext)
            begun++;
        Assert.Equal((9, CoapCode.Empty), (begun, exchange.FailureCode));
    }

    [Theory]
    [InlineData("2.04", "the device answered 2.04 to a part of the body")]
    [InlineData("2.31 1:9/1/128", "the device does not answer to the blocks it is sent")]
    public void NonsenseForAnAnswer_FailsInTheEnd(string said, string reason)
    {
        var exchange = Request(300);
        var step = BlockwiseStep.SendNext;
        for (var i = 0; i < 50 && step == BlockwiseStep.SendNext; i++)
            step = Give(exchange, said);
        Assert.Equal((BlockwiseStep.Failed, CoapCode.RequestEntityIncomplete, reason), (step, exchange.FailureCode, exchange.Reason));
    }

    [Fact]
    public void ContinueForTheLastBlock_FailsInTheEnd()
    {
        var exchange = Request(200);
        var step = BlockwiseStep.SendNext;
        for (var i = 0; i < 100 && step == BlockwiseStep.SendNext; i++)
            step = Give(exchange, "2.31");
        Assert.Equal(BlockwiseStep.Failed, step);
    }

    [Fact]
    public void ChangedAnswer_IsReadAnew_ThreeTimes()
    {
        var exchange = Request();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(BlockwiseStep.SendNext, Give(exchange, "2.05 2:0/1/64", Content(64), etag: "0" + i));
            Assert.Equal("2:1/0/64", Said(exchange.Next));
            Assert.Equal(BlockwiseStep.SendNext, Give(exchange, "2.05 2:1/0/64", Content(64), etag: "ff"));
            Assert.Equal(("", false), (Said(exchange.Next), exchange.Next.IsFollowUp));
        }

        Give(exchange, "2.05 2:0/1/64", Content(64), etag: "09");
        Assert.Equal(BlockwiseStep.Failed, Give(exchange, "2.05 2:1/0/64", Content(64), etag: "ff"));
        Assert.Equal(CoapCode.RequestEntityIncomplete, exchange.FailureCode);
    }

    [Theory]
    [InlineData("2.05 2:2/0/64", 64)]
    [InlineData("2.05 2:1/1/64", 63)]
    [InlineData("2.05", 64)]
    public void AnswerThatDoesNotFit_IsReadAnewOnce(string said, int length)
    {
        var exchange = Request();
        Give(exchange, "2.05 2:0/1/64", Content(64));
        Assert.Equal(BlockwiseStep.SendNext, Give(exchange, said, Content(length)));
        Give(exchange, "2.05 2:0/1/64", Content(64));
        Assert.Equal(BlockwiseStep.Failed, Give(exchange, said, Content(length)));
        Assert.Equal((CoapCode.RequestEntityIncomplete, "the blocks of the answer do not fit together"), (exchange.FailureCode, exchange.Reason));
    }

    [Fact]
    public void WhatMustNotBeDoneTwice_IsNotAskedAnew()
    {
        var exchange = Request(mayBeRepeated: false);
        Give(exchange, "2.05 2:0/1/64", Content(64));
        Assert.Equal(BlockwiseStep.Failed, Give(exchange, "2.05 2:2/0/64", Content(64)));
    }

    [Fact]
    public void TooLargeAnswer_Fails_AnnouncedOrNot()
    {
        var announced = Request();
        Assert.Equal(BlockwiseStep.Failed, Give(announced, "2.05 2:0/1/64", Content(64), size2: Most + 1));
        var exchange = Request();
        var step = BlockwiseStep.SendNext;
        for (var i = 0; step == BlockwiseStep.SendNext; i++)
            step = Give(exchange, $"2.05 2:{i}/1/1024", Content(1024));
        Assert.Equal((BlockwiseStep.Failed, CoapCode.RequestEntityTooLarge), (step, exchange.FailureCode));
        Assert.Equal(CoapCode.RequestEntityTooLarge, announced.FailureCode);
    }

    [Fact]
    public void LateResponseOfBefore_IsAskedForAgain_ButNotForEver()
    {
        var exchange = Request();
        Give(exchange, "2.05 2:0/1/64", Content(64));
        var step = BlockwiseStep.SendNext;
        var times = 0;
        for (; step == BlockwiseStep.SendNext && times < 100; times++)
            step = Give(exchange, "2.05 2:0/1/64", Content(64));
        Assert.Equal(BlockwiseStep.Failed, step);
        Assert.InRange(times, 2, 50);
    }

    [Fact]
    public void ErrorInTheMiddle_IsTheAnswer()
    {
        var exchange = Request();
        Give(exchange, "2.05 2:0/1/64", Content(64));
        Assert.Equal(BlockwiseStep.Answered, Give(exchange, "4.04"));
        Assert.Null(exchange.Body);
    }

    /// <summary>Early negotiation is the owner's; what comes larger than our own blocks is taken as it comes.</summary>
    [Fact]
    public void BlocksLargerThanOurOwn_AreTaken()
    {
        var content = Content(2500);
        var exchange = Request(block: 64);
        foreach (var said in new[] { "2:0/1/1024", "2:1/1/1024" })
            Assert.Equal(BlockwiseStep.SendNext, Give(exchange, "2.05 " + said, Cut(content, said)));
        Assert.Equal("2:2/0/1024", Said(exchange.Next));
        Assert.Equal(BlockwiseStep.Answered, Give(exchange, "2.05 2:2/0/1024", Cut(content, "2:2/0/1024")));
        Assert.Equal(content, exchange.Body);
    }
}
