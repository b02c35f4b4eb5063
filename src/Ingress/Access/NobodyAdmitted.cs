namespace Ingress.Access;

/// <summary>In the place of an authenticator that is not to be had here: nobody comes in, rather than everybody.</summary>
sealed class NobodyAdmitted(string reason) : IAuthenticator
{
    public Task<Authentication> AuthenticateAsync(AdmissionQuestion question, CancellationToken stopping) =>
        Task.FromResult(new Authentication(HttpResult.Deny, reason));

    public void Dispose()
    {
    }
}
