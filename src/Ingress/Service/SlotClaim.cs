using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Contracts;
using Messaging;

namespace Ingress.Service;

/// <summary>The record by which a replica claims its slot, and says that it lives: topic <c>instances</c>, key <c>ingress/SLOT</c>.</summary>
sealed record SlotClaim
{
    /// <summary>"start" or "heartbeat". The offset of a start record is the epoch.</summary>
    public required string Kind { get; init; }

    /// <summary>Absent in a start record, which cannot know its own offset.</summary>
    public long? Epoch { get; init; }
    public required string Address { get; init; }

    /// <summary>Unix time in ms.</summary>
    public required long HeartbeatMs { get; init; }

    public static byte[] KeyOf(int slot) => Encoding.ASCII.GetBytes($"ingress/{slot}");

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SlotClaimJson.Default.SlotClaim);

    /// <summary>The epoch that a record of the instances topic claims for a slot; null where it is no such record.</summary>
    public static long? EpochClaimed(LogRecord record, int slot)
    {
        if (record.Value is null || !record.Key.AsSpan().SequenceEqual(KeyOf(slot)))
            return null;
        try
        {
            return JsonSerializer.Deserialize(record.Value, SlotClaimJson.Default.SlotClaim) is { } claim ? claim.Epoch ?? record.Offset : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SlotClaim))]
sealed partial class SlotClaimJson : JsonSerializerContext;
