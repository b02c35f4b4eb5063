using Contracts;

namespace Ingress.Observations;

/// <summary>What is known of a notification whose body is still to be read: its first block told, or the session record after a crash.</summary>
sealed record NotifiedHead(EventId Id, long ReceivedNs)
{
    public uint? Observe { get; init; }

    /// <summary>Not fresh by RFC 7641 section 3.4.</summary>
    public bool IsLate { get; init; }

    /// <summary>The body is read again after a crash.</summary>
    public bool IsReread { get; init; }
}
