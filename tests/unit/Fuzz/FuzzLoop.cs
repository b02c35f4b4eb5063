using System.Diagnostics;
using System.Globalization;

namespace Pipeline.Tests.Fuzz;

/// <summary>
/// Throws random bytes and mutations of a corpus at a parser for FUZZ_SECONDS (1 by default). A failure names the seed and the input;
/// FUZZ_SEED repeats a run.
/// </summary>
static class FuzzLoop
{
    const int MaxLength = 2048;
    const int InputsPerClockReading = 256;

    /// <summary>Runs the target, which throws where something is wrong. Returns the number of inputs tried.</summary>
    public static long Run(FuzzTarget target, params ReadOnlySpan<byte[]> corpus)
    {
        var seed = Setting("FUZZ_SEED") ?? Random.Shared.Next();
        var duration = TimeSpan.FromSeconds(Setting("FUZZ_SECONDS") ?? 1);
        var random = new Random(seed);
        var buffer = new byte[MaxLength];
        var watch = Stopwatch.StartNew();
        var count = 0L;
        do
        {
            for (var i = 0; i < InputsPerClockReading; i++, count++)
            {
                var input = buffer.AsSpan(0, Fill(buffer, random, corpus));
                try
                {
                    target(input);
                }
                catch (Exception e)
                {
                    Assert.Fail($"seed {seed}, input {count}: {Convert.ToHexString(input)}\n{e}");
                }
            }
        }
        while (watch.Elapsed < duration);

        return count;
    }

    static int Fill(byte[] buffer, Random random, ReadOnlySpan<byte[]> corpus)
    {
        if (corpus.IsEmpty || random.Next(8) == 0)
        {
            // Mostly short: long random input is refused early.
            var length = random.Next(random.Next(1, MaxLength));
            random.NextBytes(buffer.AsSpan(0, length));
            return length;
        }

        var seedInput = corpus[random.Next(corpus.Length)];
        seedInput.CopyTo(buffer, 0);
        var mutated = seedInput.Length;
        for (var mutations = random.Next(1, 6); mutations > 0; mutations--)
            mutated = Mutate(buffer, mutated, random);
        return mutated;
    }

    static int Mutate(byte[] buffer, int length, Random random)
    {
        if (length == 0)
            return Insert(buffer, length, random);
        var position = random.Next(length);
        switch (random.Next(7))
        {
            case 0:
                buffer[position] ^= (byte)(1 << random.Next(8));
                return length;
            case 1:
                buffer[position] = (byte)random.Next(256);
                return length;
            case 2:
                ReadOnlySpan<byte> edges = [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF, 0x0D, 0xD0, 0x0E, 0xE0, 0xDD, 0xEE];
                buffer[position] = edges[random.Next(edges.Length)];
                return length;
            case 3:
                return position;
            case 4:
                buffer.AsSpan(position + 1, length - position - 1).CopyTo(buffer.AsSpan(position));
                return length - 1;
            case 5:
                return Repeat(buffer, length, position, random);
            default:
                return Insert(buffer, length, random);
        }
    }

    static int Insert(byte[] buffer, int length, Random random)
    {
        if (length == MaxLength)
            return length;
        var position = random.Next(length + 1);
        buffer.AsSpan(position, length - position).CopyTo(buffer.AsSpan(position + 1));
        buffer[position] = (byte)random.Next(256);
        return length + 1;
    }

    static int Repeat(byte[] buffer, int length, int position, Random random)
    {
        var size = Math.Min(random.Next(1, 32), Math.Min(length - position, MaxLength - length));
        buffer.AsSpan(position, length - position).CopyTo(buffer.AsSpan(position + size));
        return length + size;
    }

    static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : null;
}
