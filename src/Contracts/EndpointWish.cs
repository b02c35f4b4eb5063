using System.Text.Json;
using System.Text.Json.Serialization;

namespace Contracts;

/// <summary>
/// Endpoints of which something is wanted for a while: JSON on the config topic, under <see cref="CaptureWish.Key"/> or <see cref="WatchWish.Key"/>.
/// It ends by itself, whoever has wished it and whether that one lives; a tombstone ends it at once. It adds to what the configuration says.
/// </summary>
public sealed record EndpointWish
{
    /// <summary>Names in one wish.</summary>
    public const int MostEndpoints = 100;

    /// <summary>Longest name, in characters.</summary>
    public const int LongestEndpoint = 255;

    /// <summary><see cref="CaptureWish.All"/>, or names with <c>*</c> and <c>?</c>.</summary>
    public required IReadOnlyList<string> Endpoints { get; init; }

    /// <summary>Unix time in ms; from then on it is as if it had never been.</summary>
    public required long UntilMs { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, EndpointWishJson.Default.EndpointWish);

    /// <summary>False for anything that is not such a record.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, out EndpointWish? wish)
    {
        try
        {
            wish = JsonSerializer.Deserialize(json, EndpointWishJson.Default.EndpointWish);
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
[JsonSerializable(typeof(EndpointWish))]
internal sealed partial class EndpointWishJson : JsonSerializerContext;
