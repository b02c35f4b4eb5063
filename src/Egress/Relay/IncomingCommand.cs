using System.Text;
using Contracts;

namespace Egress.Relay;

/// <summary>An MQTT message that may be a command, as the broker delivered it.</summary>
internal sealed record IncomingCommand
{
    public required string Topic { get; init; }
    public required byte[] Payload { get; init; }
    public required ushort PacketId { get; init; }

    /// <summary>The broker has, it thinks, delivered it before.</summary>
    public required bool Redelivered { get; init; }
    public string? ResponseTopic { get; init; }
    public byte[]? CorrelationData { get; init; }

    /// <summary>Unix time in ms; null = no expiry.</summary>
    public long? ExpiresAt { get; init; }

    /// <summary>W3C Trace Context that the message brings; empty = none.</summary>
    public string TraceParent { get; init; } = "";

    /// <summary>Equal for every delivery of the message, to this endpoint.</summary>
    public EventId FingerprintFor(string endpoint) =>
        EventId.Of([(byte)(PacketId >> 8), (byte)PacketId, .. Encoding.UTF8.GetBytes(Topic), 0, .. Encoding.UTF8.GetBytes(endpoint), 0, .. Payload]);
}
