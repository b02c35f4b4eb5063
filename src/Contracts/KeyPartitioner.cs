using System.Buffers.Binary;
using System.Text;

namespace Contracts;

/// <summary>Places keys as the Java client and librdkafka's <c>murmur2_random</c> do, so that equal keys share a partition number in all topics keyed by endpoint.</summary>
public static class KeyPartitioner
{
    /// <summary>The partition, 0 to <paramref name="count"/> - 1, of an endpoint.</summary>
    public static int PartitionOf(string endpoint, int count) => PartitionOf(Encoding.UTF8.GetBytes(endpoint), count);

    /// <summary>The partition, 0 to <paramref name="count"/> - 1, of a key.</summary>
    public static int PartitionOf(ReadOnlySpan<byte> key, int count) => (int)(Murmur2(key) & 0x7fffffff) % count;

    private static uint Murmur2(ReadOnlySpan<byte> data)
    {
        const uint Multiplier = 0x5bd1e995;
        var hash = 0x9747b28c ^ (uint)data.Length;
        for (; data.Length >= 4; data = data[4..])
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(data) * Multiplier;
            hash = (hash * Multiplier) ^ ((word ^ (word >> 24)) * Multiplier);
        }

        if (data.Length > 0)
        {
            for (var i = data.Length - 1; i >= 0; i--)
            {
                hash ^= (uint)data[i] << (8 * i);
            }

            hash *= Multiplier;
        }

        hash = (hash ^ (hash >> 13)) * Multiplier;
        return hash ^ (hash >> 15);
    }
}
