using Microsoft.Extensions.Logging;

namespace Ingress.Access;

/// <summary>EMQX's HTTP authenticator.</summary>
sealed partial class HttpAuthenticator(HttpBackend server, ILogger logger) : IAuthenticator
{
    readonly ILogger _logger = logger;
    int _toldOfAcl;

    public async Task<Authentication> AuthenticateAsync(AdmissionQuestion question, CancellationToken stopping)
    {
        var values = new DeviceValues(question.Endpoint, question.Client, question.Password);
        var reply = await server.AskAsync(values.Of, HttpReply.Of, stopping) ?? HttpReply.Unreachable;
        if (reply.HasAcl && Interlocked.Exchange(ref _toldOfAcl, 1) == 0)
            LogAcl();
        return new Authentication(reply.Result, "not authorized: the authenticator does not admit this device")
        {
            IsSuperuser = reply.IsSuperuser, ExpireAt = reply.ExpireAt, Attributes = reply.Attributes,
        };
    }

    public void Dispose() => server.Dispose();

    [LoggerMessage(28, LogLevel.Warning, "authentication: the answer holds an acl, which is not taken here; authorization.sources decides what a device may do")]
    partial void LogAcl();
}
