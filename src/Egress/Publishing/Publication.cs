using Messaging;

namespace Egress.Publishing;

/// <summary>An event on its way to the broker.</summary>
internal struct Publication
{
    public required LogRecord Record { get; init; }
    public required PartitionLease Lease { get; init; }

    /// <summary>UTF-8, checked.</summary>
    public required byte[] Topic { get; init; }
    public required int Qos { get; init; }
    public bool Retain { get; init; }

    /// <summary>Empty where there is none.</summary>
    public required ReadOnlyMemory<byte> EventId { get; init; }
    public required ReadOnlyMemory<byte> Correlation { get; init; }

    public PublicationState State { get; set; }

    /// <summary>Connections that ended while this was the oldest one on the wire.</summary>
    public int Disconnects { get; set; }
}

internal enum PublicationState
{
    Waiting,
    Sent,

    /// <summary>QoS 2: the broker has it (PUBREC), the exchange is not over.</summary>
    Received,
    Settled,
}
