namespace Egress.Mqtt;

/// <summary>A PUBLISH packet (MQTT 5 section 3.3), written from the bytes that Kafka gave, without copies in between.</summary>
internal readonly ref struct PublishPacket
{
    private const byte ContentType = 0x03;
    private const byte CorrelationData = 0x09;
    private const byte UserProperty = 0x26;
    private const int MaxRemainingLength = 268_435_455;

    public required ReadOnlySpan<byte> Topic { get; init; }
    public required ReadOnlySpan<byte> Payload { get; init; }
    public required int Qos { get; init; }

    public bool Retain { get; init; }

    /// <summary>It was sent before, under this packet id and to the session that the broker still has (MQTT 5 section 4.4).</summary>
    public bool Again { get; init; }

    /// <summary>Not for QoS 0.</summary>
    public required ushort PacketId { get; init; }

    /// <summary>The following are left out where empty, and in MQTT 3.1.1 altogether.</summary>
    public ReadOnlySpan<byte> Endpoint { get; init; }
    public ReadOnlySpan<byte> EventId { get; init; }
    public ReadOnlySpan<byte> Correlation { get; init; }
    public ReadOnlySpan<byte> TraceParent { get; init; }

    private static ReadOnlySpan<byte> Json => "application/json"u8;
    private static ReadOnlySpan<byte> EndpointName => "endpoint"u8;
    private static ReadOnlySpan<byte> EventIdName => "event_id"u8;
    private static ReadOnlySpan<byte> TraceParentName => "traceparent"u8;

    /// <summary>False where the packet would be longer than <paramref name="maxSize"/>; nothing is written then.</summary>
    public bool TryWrite(PacketBuffer output, bool version5, uint maxSize)
    {
        var properties = version5 ? PropertiesLength() : 0;
        var remaining = 2L + Topic.Length + (Qos > 0 ? 2 : 0) + Payload.Length + (version5 ? properties + LengthOf(properties) : 0);
        if (remaining > MaxRemainingLength || 1 + LengthOf((int)remaining) + remaining > maxSize)
        {
            return false;
        }

        output.Byte((byte)(0x30 | (Again ? 8 : 0) | (Qos << 1) | (Retain ? 1 : 0)));
        output.VariableInteger((int)remaining);
        output.Field(Topic);
        if (Qos > 0)
        {
            output.UInt16(PacketId);
        }

        if (version5)
        {
            output.VariableInteger(properties);
            WriteProperties(output);
        }

        output.Raw(Payload);
        return true;
    }

    private int PropertiesLength() =>
        1 + 2 + Json.Length
        + (Correlation.IsEmpty ? 0 : 1 + 2 + Correlation.Length)
        + UserPropertyLength(EndpointName, Endpoint)
        + UserPropertyLength(EventIdName, EventId)
        + UserPropertyLength(TraceParentName, TraceParent);

    private void WriteProperties(PacketBuffer output)
    {
        output.Byte(ContentType);
        output.Field(Json);
        if (!Correlation.IsEmpty)
        {
            output.Byte(CorrelationData);
            output.Field(Correlation);
        }

        WriteUserProperty(output, EndpointName, Endpoint);
        WriteUserProperty(output, EventIdName, EventId);
        WriteUserProperty(output, TraceParentName, TraceParent);
    }

    private static int UserPropertyLength(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => value.IsEmpty ? 0 : 1 + 2 + name.Length + 2 + value.Length;

    private static void WriteUserProperty(PacketBuffer output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            output.Byte(UserProperty);
            output.Field(name);
            output.Field(value);
        }
    }

    private static int LengthOf(int value) => value switch { < 0x80 => 1, < 0x4000 => 2, < 0x20_0000 => 3, _ => 4 };
}
