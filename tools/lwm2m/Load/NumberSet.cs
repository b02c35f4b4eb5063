using System.Numerics;

namespace Tools.Load;

/// <summary>A set of small numbers, a bit each.</summary>
sealed class NumberSet
{
    ulong[] _words = new ulong[4];

    public long Count { get; private set; }

    /// <summary>False where the number is in it already.</summary>
    public bool Add(int number)
    {
        var word = number >> 6;
        if (word >= _words.Length)
            Array.Resize(ref _words, Math.Max(word + 1, _words.Length * 2));
        var bit = 1UL << (number & 63);
        if ((_words[word] & bit) != 0)
            return false;
        _words[word] |= bit;
        Count++;
        return true;
    }

    /// <summary>How many numbers are in this set but not in the other.</summary>
    public long CountWithout(NumberSet other)
    {
        long count = 0;
        for (var i = 0; i < _words.Length; i++)
            count += BitOperations.PopCount(_words[i] & ~(i < other._words.Length ? other._words[i] : 0));
        return count;
    }
}
