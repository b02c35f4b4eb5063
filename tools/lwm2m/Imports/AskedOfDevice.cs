using Contracts;
using Ingress.Registrations;

namespace Tools.Imports;

/// <summary>A request of the gateway that its device has not answered yet.</summary>
sealed class AskedOfDevice
{
    public required Session Session { get; init; }

    public required OperationKind Kind { get; init; }

    public required string Path { get; init; }

    public required ushort MessageId { get; init; }

    /// <summary>When it was sent first.</summary>
    public required ulong Ns { get; init; }

    public required CommandContext Command { get; init; }

    /// <summary>More blocks of the request follow: its answer is none to the operation.</summary>
    public required bool IsPart { get; init; }

    /// <summary>It asks for the rest of that.</summary>
    public OpenBody? Continues { get; init; }

    /// <summary>The observation is one of an earlier registration: the answer is news.</summary>
    public Observation? Renews { get; init; }

    public bool IsAcknowledged { get; set; }
}
