namespace Translator.Uplink;

/// <summary>What platforms and MQTT clients see of a device: a record of the events topic before it is one.</summary>
public sealed record DeviceEvent
{
    /// <summary>Endpoint name.</summary>
    public required string Key { get; init; }

    /// <summary>The id of the uplink event and the index of this event among those made of it.</summary>
    public required string Id { get; init; }

    /// <summary>CloudEvents type, one of <see cref="EventTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary>CloudEvents source.</summary>
    public required string Source { get; init; }

    /// <summary>MQTT topic; null where the device may not publish it: then it stays on Kafka.</summary>
    public required string? Topic { get; init; }

    /// <summary>0 is the default and not written down.</summary>
    public required int Qos { get; init; }

    /// <summary>The MQTT broker is to keep it for those who come later.</summary>
    public bool Retain { get; init; }

    /// <summary>UTF-8.</summary>
    public required byte[] Json { get; init; }

    /// <summary>MQTT 5 correlation data of the command that this answers.</summary>
    public byte[]? Correlation { get; init; }
}
