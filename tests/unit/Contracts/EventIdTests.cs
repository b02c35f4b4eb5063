using System.Numerics;
using Contracts;

namespace Pipeline.Tests.Contracts;

public sealed class EventIdTests
{
    // Ids live in logs for days and are compared across versions: the function must not change.
    [Theory]
    [InlineData("", "0842df82cb68ec182405aafcaa093b88")]
    [InlineData("00", "0595ac2de9bb85ac25c40eeeef2daa65")]
    [InlineData("0102030405060708090a", "e9fcdde9add83cfe21619dca3c6826cc")]
    public void The_id_of_the_same_is_the_same_for_ever(string what, string id) => Assert.Equal(id, EventId.Of(Convert.FromHexString(what)).ToString());

    [Fact]
    public void Ids_of_similar_things_differ()
    {
        var seen = new HashSet<EventId>();
        var bytes = new byte[31];
        for (var i = 0; i < 200_000; i++)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(i % 27), i);
            Assert.True(seen.Add(EventId.Of(bytes)));
        }

        Assert.Equal(seen.Count, seen.Select(id => id.High).Distinct().Count());
        Assert.Equal(seen.Count, seen.Select(id => id.Low).Distinct().Count());
    }

    [Fact]
    public void Each_bit_of_what_happened_turns_half_of_the_id()
    {
        var bytes = new byte[31];
        new Random(5).NextBytes(bytes);
        var first = EventId.Of(bytes);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            var other = EventId.Of(bytes);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.InRange(BitOperations.PopCount(first.High ^ other.High), 12, 52);
            Assert.InRange(BitOperations.PopCount(first.Low ^ other.Low), 12, 52);
        }
    }
}
