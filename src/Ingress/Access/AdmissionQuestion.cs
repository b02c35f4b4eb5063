using Contracts;

namespace Ingress.Access;

/// <summary>A device that wants to register; or, as a review, one that is registered and may have lost or won permissions.</summary>
sealed record AdmissionQuestion(string Endpoint, ClientIdentity Client, string? Password, bool IsReview = false)
{
    /// <summary>Not what a record prints by itself: the password.</summary>
    public override string ToString() => $"{Endpoint} of {Client.Peerhost}";
}
