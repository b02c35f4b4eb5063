namespace Contracts;

/// <summary>Headers of records on the events topic: CloudEvents 1.0, Kafka binding, binary mode, with as few headers as that allows.</summary>
public static class EventHeaders
{
    public const string Id = "ce_id";
    public const string Type = "ce_type";
    public const string Source = "ce_source";
    public const string SpecVersion = "ce_specversion";
    public const string ContentType = "content-type";

    /// <summary>Where Egress publishes the event; absent = nowhere.</summary>
    public const string MqttTopic = "mqtt_topic";

    /// <summary>"0", "1" or "2"; absent = what the configuration of Egress says.</summary>
    public const string MqttQos = "mqtt_qos";

    /// <summary>"1": Egress publishes it with RETAIN; absent = without.</summary>
    public const string MqttRetain = "mqtt_retain";

    /// <summary>MQTT 5 correlation data of the command that the event answers.</summary>
    public const string CorrelationData = "mqtt_correlation_data";

    /// <summary>W3C Trace Context of the step before; absent where the event is not traced.</summary>
    public const string TraceParent = "traceparent";
}

/// <summary>Headers of records on the commands topic. All are optional.</summary>
public static class CommandHeaders
{
    /// <summary>Chosen by the sender; a repeated id is the same command. Absent = made of partition and offset.</summary>
    public const string CommandId = "command_id";

    /// <summary>The MQTT topic it came on.</summary>
    public const string MqttTopic = "mqtt_topic";
    public const string ResponseTopic = "response_topic";
    public const string CorrelationData = "correlation_data";
    public const string Priority = "priority";

    /// <summary>Unix time in ms, decimal: not started after it.</summary>
    public const string ExpiresAt = "expires_at";

    /// <summary>W3C Trace Context of whoever sends the command: its way becomes part of that trace.</summary>
    public const string TraceParent = "traceparent";
}

/// <summary>Headers of records on the dead-letters topic.</summary>
public static class DeadLetterHeaders
{
    public const string Stage = "stage";
    public const string Reason = "reason";

    /// <summary>topic/partition/offset of the record that is kept here.</summary>
    public const string Origin = "origin";
}
