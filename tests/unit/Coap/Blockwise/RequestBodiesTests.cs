using System.Text;
using Protocol.Coap;
using Protocol.Coap.Blockwise;

namespace Pipeline.Tests.Coap.Blockwise;

public sealed class RequestBodiesTests
{
    static readonly BlockwiseLimits Limits = new(1024, 10_000, 247_000);

    readonly RequestBodies<int> _bodies = new(maxBodies: 3, maxBytes: 1000);
    long _now;
    byte[] _body = [];

    RequestBodyStep Take(string block, byte[] payload, int peer = 1, string path = "rd", string query = "ep=a", string? tag = null, uint? size1 = null, ushort? format = 40)
    {
        var buffer = new byte[2048];
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Post, 1, [7]);
        writer.AddUriPath(path);
        if (format is { } number)
            writer.AddOption(CoapOptionNumber.ContentFormat, number);
        writer.AddUriQuery(query);
        writer.AddOption(CoapOptionNumber.Block1, BlockText.Parse(block).Value);
        if (size1 is { } size)
            writer.AddOption(CoapOptionNumber.Size1, size);
        if (tag is not null)
            writer.AddOption(CoapOptionNumber.RequestTag, Encoding.ASCII.GetBytes(tag));
        writer.AddPayload(payload);
        Assert.True(writer.TryFinish(out var length));
        CoapFrame.TryParse(buffer.AsSpan(0, length), out var frame);
        return _bodies.Take(_now, peer, frame, Limits, out _body);
    }

    static byte[] Bytes(int length, byte value = 0x61) => Enumerable.Repeat(value, length).ToArray();

    [Fact]
    public void Blocks_InOrder_GiveTheBody()
    {
        Assert.Equal(RequestBodyStep.Continue, Take("1:0/1/128", Bytes(128, 1)));
        Assert.Equal(RequestBodyStep.Continue, Take("1:1/1/128", Bytes(128, 2)));
        Assert.Equal(RequestBodyStep.Whole, Take("1:2/0/128", Bytes(5, 3)));
        Assert.Equal([.. Bytes(128, 1), .. Bytes(128, 2), .. Bytes(5, 3)], _body);
        Assert.Equal((0, 0L), (_bodies.Count, _bodies.Bytes));
    }

    [Fact]
    public void OneBlock_IsABody()
    {
        Assert.Equal(RequestBodyStep.Whole, Take("1:0/0/128", Bytes(5)));
        Assert.Equal(Bytes(5), _body);
    }

    [Theory]
    [InlineData("1:2/1/16")]
    [InlineData("1:2/0/16")]
    [InlineData("1:5/0/16")]
    public void Block_OutOfOrder_IsIncomplete_AndTheFirstBeginsAnew(string block)
    {
        Take("1:0/1/16", Bytes(16, 9));
        Assert.Equal(RequestBodyStep.Incomplete, Take(block, Bytes(16)));
        Assert.Equal(RequestBodyStep.Incomplete, Take("1:1/0/16", Bytes(16)));
        Assert.Equal(RequestBodyStep.Continue, Take("1:0/1/16", Bytes(16)));
        Assert.Equal(RequestBodyStep.Whole, Take("1:1/0/16", Bytes(1)));
        Assert.Equal(Bytes(17), _body);
    }

    [Fact]
    public void FirstBlock_BeginsAnew()
    {
        Take("1:0/1/16", Bytes(16, 1));
        Take("1:1/1/16", Bytes(16, 2));
        Assert.Equal(RequestBodyStep.Continue, Take("1:0/1/16", Bytes(16, 3)));
        Assert.Equal(RequestBodyStep.Whole, Take("1:1/0/16", Bytes(1, 4)));
        Assert.Equal([.. Bytes(16, 3), 4], _body);
    }

    [Fact]
    public void Bodies_AreToldApart()
    {
        // In turns, so that a block that got to another body would be out of order.
        (int Peer, string Query, string? Tag)[] three = [(1, "ep=a", null), (1, "ep=b", null), (1, "ep=a", "t")];
        foreach (var (peer, query, tag) in three)
            Assert.Equal(RequestBodyStep.Continue, Take("1:0/1/16", Bytes(16), peer, query: query, tag: tag));
        Assert.Equal(RequestBodyStep.Incomplete, Take("1:1/0/16", Bytes(1), peer: 2));
        Assert.Equal(RequestBodyStep.Incomplete, Take("1:1/0/16", Bytes(1), path: "rd/x"));
        Assert.Equal(RequestBodyStep.Incomplete, Take("1:1/0/16", Bytes(1), format: 41));
        foreach (var (peer, query, tag) in three)
            Assert.Equal(RequestBodyStep.Whole, Take("1:1/0/16", Bytes(1), peer, query: query, tag: tag));
    }

    [Fact]
    public void TooLargeBody_IsRefused_AnnouncedOrNot()
    {
        Assert.Equal(RequestBodyStep.TooLarge, Take("1:0/1/16", Bytes(16), size1: 10_001));
        Assert.Equal(0, _bodies.Count);
        var whole = new RequestBodies<int>(3, 1_000_000);
        var step = RequestBodyStep.Continue;
        var blocks = 0u;
        for (; step == RequestBodyStep.Continue; blocks++)
        {
            var buffer = new byte[2048];
            var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Post, 1, []);
            writer.AddOption(CoapOptionNumber.Block1, new BlockOption(blocks, true, 6).Value);
            writer.AddPayload(new byte[1024]);
            writer.TryFinish(out var length);
            CoapFrame.TryParse(buffer.AsSpan(0, length), out var frame);
            step = whole.Take(0, 1, frame, Limits, out _);
        }

        Assert.Equal((RequestBodyStep.TooLarge, 10u), (step, blocks));
        Assert.Equal((0, 0L), (whole.Count, whole.Bytes));
    }

    [Fact]
    public void Number_IsBounded_ForNewBodiesOnly()
    {
        for (var peer = 1; peer <= 3; peer++)
            Assert.Equal(RequestBodyStep.Continue, Take("1:0/1/16", Bytes(16), peer));
        Assert.Equal(RequestBodyStep.NoRoom, Take("1:0/1/16", Bytes(16), peer: 4));
        Assert.Equal(RequestBodyStep.Whole, Take("1:0/0/16", Bytes(16), peer: 4));
        Assert.Equal(RequestBodyStep.Whole, Take("1:1/0/16", Bytes(1), peer: 2));
        Assert.Equal(RequestBodyStep.Continue, Take("1:0/1/16", Bytes(16), peer: 4));
    }

    [Fact]
    public void Bytes_AreBounded()
    {
        Assert.Equal(RequestBodyStep.Continue, Take("1:0/1/512", Bytes(512), peer: 1));
        Assert.Equal(RequestBodyStep.NoRoom, Take("1:0/1/512", Bytes(512), peer: 2));
        Assert.Equal(RequestBodyStep.NoRoom, Take("1:1/1/512", Bytes(512), peer: 1));
        Assert.Equal((0, 0L), (_bodies.Count, _bodies.Bytes));
    }

    [Fact]
    public void Body_WithoutBlocksForTheLifetime_IsForgotten()
    {
        Take("1:0/1/16", Bytes(16));
        _now = 200_000;
        Assert.Equal(RequestBodyStep.Continue, Take("1:1/1/16", Bytes(16)));
        _now = 446_999;
        Assert.Equal(447_000, _bodies.NextDeadline);
        Assert.Equal(RequestBodyStep.Continue, Take("1:2/1/16", Bytes(16)));
        _now += 247_000;
        Assert.Equal(RequestBodyStep.Incomplete, Take("1:3/0/16", Bytes(16)));
        Assert.Equal((1L, 0, 0L), (_bodies.Expired, _bodies.Count, _bodies.Bytes));
    }
}
