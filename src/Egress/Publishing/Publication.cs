using System.Diagnostics;
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

    /// <summary>W3C Trace Context; empty where there is none.</summary>
    public ReadOnlyMemory<byte> TraceParent { get; init; }

    /// <summary>From the record to the acknowledgement; null where that is not traced.</summary>
    public Activity? Span { get; init; }

    /// <summary>What it is remembered by; null = it is not.</summary>
    public EventKey? Key { get; init; }

    public PublicationState State { get; set; }

    /// <summary>Connections that ended while this was the oldest one on the wire.</summary>
    public int Disconnects { get; set; }

    /// <summary>The QoS under which the broker's session may know its packet id; 0 = it cannot.</summary>
    public int KnownQos { get; set; }

    /// <summary>QoS 2: the broker has it (PUBREC), also where that was on an earlier connection.</summary>
    public bool Accepted { get; set; }

    /// <summary>QoS 2: not to be published (any more), but the broker's session may hold its packet id until a PUBREL.</summary>
    public bool Abandoned { get; set; }
}

internal enum PublicationState
{
    Waiting,
    Sent,

    /// <summary>QoS 2: only the PUBREL is to be acknowledged (PUBCOMP), the exchange is not over.</summary>
    Received,
    Settled,
}
