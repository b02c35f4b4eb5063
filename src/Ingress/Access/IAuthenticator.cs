namespace Ingress.Access;

/// <summary>One authenticator of EMQX's kind.</summary>
interface IAuthenticator : IDisposable
{
    /// <summary>Whether the device is who it says it is. <see cref="HttpResult.Ignore"/> is no; never throws, except where it is cancelled.</summary>
    Task<Authentication> AuthenticateAsync(AdmissionQuestion question, CancellationToken stopping);
}
