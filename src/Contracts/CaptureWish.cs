using System.Text.Json;
using System.Text.Json.Serialization;

namespace Contracts;

/// <summary>
/// Whose datagrams are to be recorded for a while: JSON on the config topic under the key <see cref="Key"/>. It ends by itself, whoever has
/// wished it and whether that one lives; a tombstone ends it at once. It adds to <c>ingress.capture</c>.
/// </summary>
public sealed record CaptureWish
{
    public const string Key = "capture/wish";

    /// <summary>In place of endpoints: every datagram, also of peers without a session.</summary>
    public const string All = "all";

    /// <summary>In <c>ingress.capture</c>, in place of endpoints: nothing.</summary>
    public const string Off = "off";

    /// <summary>Names in one wish.</summary>
    public const int MostEndpoints = 100;

    /// <summary>Longest name, in characters.</summary>
    public const int LongestEndpoint = 255;

    /// <summary><see cref="All"/>, or names with <c>*</c> and <c>?</c>.</summary>
    public required IReadOnlyList<string> Endpoints { get; init; }

    /// <summary>Unix time in ms; from then on it is as if it had never been.</summary>
    public required long UntilMs { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CaptureWishJson.Default.CaptureWish);

    /// <summary>False for anything that is not such a record.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, out CaptureWish? wish)
    {
        try
        {
            wish = JsonSerializer.Deserialize(json, CaptureWishJson.Default.CaptureWish);
        }
        catch (JsonException)
        {
            wish = null;
        }

        return wish?.Endpoints is not null && AreSound(wish.Endpoints);
    }

    /// <summary>Whether so many names, and such, can be looked for.</summary>
    public static bool AreSound(IReadOnlyList<string> endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return endpoints.Count <= MostEndpoints && endpoints.All(name => name is { Length: > 0 and <= LongestEndpoint });
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CaptureWish))]
internal sealed partial class CaptureWishJson : JsonSerializerContext;
