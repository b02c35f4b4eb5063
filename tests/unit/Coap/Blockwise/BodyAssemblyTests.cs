using CsCheck;
using Protocol.Coap;
using Protocol.Coap.Blockwise;

namespace Pipeline.Tests.Coap.Blockwise;

public sealed class BodyAssemblyTests
{
    static readonly Gen<byte[]> GenBody = Gen.Byte.Array[1, 5000];

    [Fact]
    public void Body_ComesOutOfAnySplit() => Gen.Select(GenBody, Gen.Int[0, 6].Array[1, 8]).Sample((body, sizes) =>
    {
        // The size of blocks may shrink, as it is negotiated.
        Array.Sort(sizes, (left, right) => right - left);
        var assembly = new BodyAssembly(5000);
        var fit = BlockFit.Taken;
        for (var i = 0; fit == BlockFit.Taken; i++)
        {
            var exponent = sizes[Math.Min(i, sizes.Length - 1)];
            Assert.True(Block.TryCut(body, (uint)(assembly.Length >> (exponent + 4)), exponent, out var block));
            fit = assembly.Add(block.Option, block.Payload);
            if (block.Option.More)
                Assert.Equal(BlockFit.Repeated, assembly.Add(block.Option, block.Payload));
        }

        Assert.Equal(BlockFit.Last, fit);
        Assert.True(assembly.Bytes.SequenceEqual(body));
    });

    [Fact]
    public void Disorder_NeverGivesAWrongBody() => Gen.Select(GenBody, Gen.Int[0, 6], Gen.Int[0, 400].Array[0, 60]).Sample((body, exponent, order) =>
    {
        var assembly = new BodyAssembly(5000);
        var expected = 0u;
        foreach (var number in order.Select((o, i) => o % 3 == 0 ? (uint)(i / 2) : (uint)o))
        {
            if (!Block.TryCut(body, number, exponent, out var block))
                continue;
            var fit = assembly.Add(block.Option, block.Payload);
            if (number == expected)
                Assert.Equal(block.Option.More ? BlockFit.Taken : BlockFit.Last, fit);
            else if (number + 1 == expected && block.Option.More)
                Assert.Equal(BlockFit.Repeated, fit);
            else
                Assert.Equal(BlockFit.OutOfOrder, fit);
            expected += number == expected ? 1u : 0;
            if (fit == BlockFit.Last)
                break;
        }

        Assert.True(assembly.Bytes.SequenceEqual(body.AsSpan(0, assembly.Length)));
    });

    [Theory]
    [InlineData("1:0/1/16", 15)]
    [InlineData("1:0/1/16", 17)]
    [InlineData("1:0/0/16", 17)]
    [InlineData("1:0/1/1024", 0)]
    public void Payload_OfAnotherLengthThanTheOptionSays_IsRefused(string block, int length) =>
        Assert.Equal(BlockFit.WrongSize, new BodyAssembly(4096).Add(BlockText.Parse(block), new byte[length]));

    [Fact]
    public void ReservedSize_IsRefused() => Assert.Equal(BlockFit.WrongSize, new BodyAssembly(4096).Add(new BlockOption(7), new byte[16]));

    [Fact]
    public void BlockThatSaysSomethingElseThanBefore_IsOutOfOrder()
    {
        var assembly = new BodyAssembly(4096);
        assembly.Add(BlockText.Parse("1:0/1/16"), new byte[16]);
        Assert.Equal(BlockFit.OutOfOrder, assembly.Add(BlockText.Parse("1:0/1/16"), Enumerable.Repeat((byte)1, 16).ToArray()));
    }

    [Theory]
    [InlineData(63, BlockFit.TooLarge)]
    [InlineData(64, BlockFit.Last)]
    public void Body_EndsAtItsLimit(int limit, BlockFit expected)
    {
        var assembly = new BodyAssembly(limit);
        Assert.Equal(BlockFit.Taken, assembly.Add(BlockText.Parse("1:0/1/32"), new byte[32]));
        Assert.Equal(expected, assembly.Add(BlockText.Parse("1:1/0/32"), new byte[32]));
        Assert.True(assembly.Capacity <= limit);
    }
}
