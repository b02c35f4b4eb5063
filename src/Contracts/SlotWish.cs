using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Contracts;

/// <summary>
/// What an operator wants of an Ingress slot: JSON on the instances topic under a key of its own, <c>ingress/SLOT/wish</c>, so that heartbeats do
/// not cover it and it outlives the process. A tombstone takes it back.
/// </summary>
public sealed record SlotWish
{
    /// <summary>The slot is to hand its sessions over to the others.</summary>
    public const string Drain = "drain";

    private const string Service = "ingress/";
    private const string Suffix = "/wish";

    /// <summary><see cref="Drain"/>; anything else is no wish that is understood, and nothing is done.</summary>
    public required string Kind { get; init; }

    /// <summary>Unix time in ms.</summary>
    public long WishedMs { get; init; }

    public static byte[] KeyOf(int slot) => Encoding.UTF8.GetBytes(Service + slot.ToString(CultureInfo.InvariantCulture) + Suffix);

    /// <summary>Whether that is the key of a wish; <paramref name="slot"/> is whose.</summary>
    public static bool TryParseKey(ReadOnlySpan<byte> key, out int slot)
    {
        slot = -1;
        return key.EndsWith("/wish"u8) && TryParseSlot(key[..^Suffix.Length], out slot);
    }

    /// <summary>Whether that is the key of an Ingress' own records: <c>ingress/SLOT</c>.</summary>
    public static bool TryParseSlot(ReadOnlySpan<byte> key, out int slot)
    {
        slot = -1;
        return key.StartsWith("ingress/"u8) && int.TryParse(key[Service.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out slot);
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, SlotWishJson.Default.SlotWish);

    /// <summary>False for anything that is not such a record.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, out SlotWish? wish)
    {
        try
        {
            wish = JsonSerializer.Deserialize(json, SlotWishJson.Default.SlotWish);
        }
        catch (JsonException)
        {
            wish = null;
        }

        return wish is not null;
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(SlotWish))]
internal sealed partial class SlotWishJson : JsonSerializerContext;
