namespace Ingress.Access;

/// <summary>EMQX's HTTP authenticator.</summary>
sealed class HttpAuthenticator(HttpBackend server) : IAuthenticator
{
    public async Task<Authentication> AuthenticateAsync(AdmissionQuestion question, CancellationToken stopping)
    {
        var reply = await server.AskAsync(new DeviceValues(question.Endpoint, question.Client, question.Password), stopping);
        return new Authentication(reply.Result, "not authorized: the authenticator does not admit this device")
        {
            IsSuperuser = reply.IsSuperuser, ExpireAt = reply.ExpireAt, Attributes = reply.Attributes,
        };
    }

    public void Dispose() => server.Dispose();
}
