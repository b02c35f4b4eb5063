using System.Buffers.Text;
using System.Collections.Concurrent;
using Contracts;

namespace Translator.Operations;

/// <summary>The newest epoch of each Ingress slot as of what has been read of the instances topic. Thread-safe.</summary>
public sealed class SlotDirectory
{
    private readonly ConcurrentDictionary<int, ulong> _epochs = new();

    /// <summary>0 where the slot has not been heard of.</summary>
    public ulong EpochOf(int slot) => _epochs.GetValueOrDefault(slot);

    /// <summary>Enters a record of the instances topic; true where a slot has a newer epoch now.</summary>
    /// <param name="offset">Of the record: the epoch that a start record begins.</param>
    public bool Fold(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long offset)
    {
        if (!key.StartsWith("ingress/"u8)
            || !Utf8Parser.TryParse(key["ingress/"u8.Length..], out int slot, out var read) || read != key.Length - "ingress/"u8.Length
            || !InstanceRecord.TryParse(value, out var instance) || instance!.EpochClaimed(offset) is not { } epoch
            || _epochs.TryGetValue(slot, out var known) && (ulong)epoch <= known)
        {
            return false;
        }

        _epochs[slot] = (ulong)epoch;
        return true;
    }
}
