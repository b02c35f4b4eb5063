using Contracts;

namespace Ingress.Access;

/// <summary>What became of an <see cref="AdmissionQuestion"/>.</summary>
sealed record Verdict(VerdictKind Kind)
{
    /// <summary>Why not, as a sentence for the device.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Who the device is, with the attributes that the authenticator gave. Null where it is not admitted.</summary>
    public ClientIdentity? Client { get; init; }

    public bool IsSuperuser { get; init; }

    /// <summary>Unix time in ms at which the admission ends; 0 = not by itself.</summary>
    public long AdmittedUntilMs { get; init; }

    /// <summary>What it may not do.</summary>
    public Denied Denied { get; init; }

    /// <summary>Unix time in ms of the authorization; 0 = nobody was asked.</summary>
    public long AuthorizedMs { get; init; }

    /// <summary>The verdict on a device that nobody has to be asked about.</summary>
    public static Verdict Unasked(ClientIdentity client) => new(VerdictKind.Admitted) { Client = client };
}
