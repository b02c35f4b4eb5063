namespace Translator.Downlink;

/// <summary>A record of the commands topic with its headers read; the JSON is not looked at yet.</summary>
public sealed record IncomingCommand
{
    public required string Endpoint { get; init; }

    /// <summary>The sender's, else made of the partition and offset that the command was first written to.</summary>
    public required string CommandId { get; init; }

    public required ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>Unix time in ms.</summary>
    public required long WrittenMs { get; init; }

    /// <summary>The MQTT topic it came on; null for a command that was written to Kafka by its sender.</summary>
    public string? MqttTopic { get; init; }

    public string ResponseTopic { get; init; } = "";
    public byte[] Correlation { get; init; } = [];
    public int Priority { get; init; }

    /// <summary>Unix time in ms.</summary>
    public long? ExpiresMs { get; init; }

    /// <summary>Empty where it brings none that can be read.</summary>
    public string TraceParent { get; init; } = "";

    /// <summary>What is wrong with a header; such a command is refused.</summary>
    public string? HeaderProblem { get; init; }
}
