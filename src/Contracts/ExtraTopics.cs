using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Contracts;

/// <summary>
/// A record of the config topic under the key <c>subscriptions/CLIENTID</c>: further MQTT topics, below the client's mountpoint, on which
/// messages are commands to it.
/// </summary>
public sealed record ExtraTopics
{
    /// <summary>What the keys of such records begin with.</summary>
    public const string KeyPrefix = "subscriptions/";

    public IReadOnlyList<ExtraTopic> Topics { get; init; } = [];

    public static byte[] KeyOf(string clientid) => Encoding.UTF8.GetBytes(KeyPrefix + clientid);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ExtraTopicsJson.Default.ExtraTopics);

    /// <summary>False for anything that is not such a record.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, out ExtraTopics? record)
    {
        try
        {
            record = JsonSerializer.Deserialize(json, ExtraTopicsJson.Default.ExtraTopics);
        }
        catch (JsonException)
        {
            record = null;
        }

        return record?.Topics?.All(topic => topic?.Topic is not null) ?? false;
    }
}

/// <summary>One of them: a topic filter without the mountpoint, and the QoS that is asked for (0 to 2).</summary>
public sealed record ExtraTopic(string Topic, int Qos = 0);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ExtraTopics))]
internal sealed partial class ExtraTopicsJson : JsonSerializerContext;
