using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Text.Json;

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
            || !TryEpoch(value, offset, out var epoch) || epoch <= EpochOf(slot) && _epochs.ContainsKey(slot))
        {
            return false;
        }

        _epochs[slot] = epoch;
        return true;
    }

    private static bool TryEpoch(ReadOnlySpan<byte> value, long offset, out ulong epoch)
    {
        epoch = 0;
        try
        {
            var reader = new Utf8JsonReader(value);
            if (!JsonDocument.TryParseValue(ref reader, out var document))
            {
                return false;
            }

            using (document)
            {
                var root = document.RootElement;
                if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("kind", out var kind))
                {
                    return false;
                }

                if (root.TryGetProperty("epoch", out var named))
                {
                    return named.ValueKind == JsonValueKind.Number && named.TryGetUInt64(out epoch);
                }

                epoch = (ulong)offset;
                return kind.ValueEquals("start"u8);
            }
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
