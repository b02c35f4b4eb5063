using Contracts;

namespace Ingress.Access;

/// <summary>A device that wants to register; or, as a review, one that is registered and may have lost or won permissions.</summary>
sealed record AdmissionQuestion(string Endpoint, ClientIdentity Client, string? Password, bool IsReview = false)
{
    /// <summary>Where the device is heard now; what mountpoints are rendered from stays as it was when it registered.</summary>
    public string Peerhost { get; init; } = Client.Peerhost;

    /// <summary>Not what a record prints by itself: the password.</summary>
    public override string ToString() => $"{Endpoint} of {Peerhost}";
}
