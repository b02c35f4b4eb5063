namespace Contracts.Configuration;

/// <summary>The versions of MQTT that we speak.</summary>
public enum MqttProtocolVersion
{
    [Key("5")]
    V5,

    [Key("3.1.1")]
    V311,
}
