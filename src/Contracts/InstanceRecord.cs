using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Contracts;

/// <summary>
/// A record of the instances topic: JSON, key <c>SERVICE/INSTANCE</c>. That a process lives, which configuration it has taken, and, of an
/// Ingress, which epoch of its slot it holds.
/// </summary>
public sealed record InstanceRecord
{
    /// <summary>"start", "heartbeat" or "stop". The offset of an Ingress' start record is the epoch of its slot.</summary>
    public required string Kind { get; init; }

    /// <summary>Of an Ingress, and absent in a start record, which cannot know its own offset.</summary>
    public long? Epoch { get; init; }

    public string Address { get; init; } = "";

    /// <summary>Unix time in ms.</summary>
    public long HeartbeatMs { get; init; }

    /// <summary>The offset behind the last record of the config topic that is in force here; absent: none was read.</summary>
    public long? ConfigOffset { get; init; }

    /// <summary>What the instance could not take of the configuration, one sentence; absent: nothing.</summary>
    public string? ConfigProblem { get; init; }

    /// <summary>Of an Ingress: live registrations that its slot owns.</summary>
    public int? Registrations { get; init; }

    /// <summary>Of an Ingress: it has taken the wish to hand them over. See <see cref="SlotWish"/>.</summary>
    public bool? Draining { get; init; }

    /// <summary>Of an Ingress: where the others hand records of its DTLS sessions to, address and port. Absent: nowhere.</summary>
    public string? Forward { get; init; }

    public static byte[] KeyOf(string service, string instance) => Encoding.UTF8.GetBytes(service + "/" + instance);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, InstanceJson.Default.InstanceRecord);

    /// <summary>False for anything that is not such a record.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, out InstanceRecord? record)
    {
        try
        {
            record = JsonSerializer.Deserialize(json, InstanceJson.Default.InstanceRecord);
        }
        catch (JsonException)
        {
            record = null;
        }

        return record is not null;
    }

    /// <summary>The epoch that the record claims for its slot; null where it claims none.</summary>
    /// <param name="offset">Of the record.</param>
    public long? EpochClaimed(long offset) => Epoch is null ? Kind == "start" ? offset : null : Epoch >= 0 ? Epoch : null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(InstanceRecord))]
internal sealed partial class InstanceJson : JsonSerializerContext;
