using System.Collections.Concurrent;
using Contracts;
using Contracts.Configuration;
using Hosting;
using Microsoft.Extensions.Logging;

namespace Ingress.Access;

/// <summary>Asks the authenticator of the listener, else of the gateway, and then the sources of <c>authorization</c>.</summary>
sealed partial class Admission : IAdmission, IDisposable
{
    readonly LiveConfiguration _live;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly IngressTelemetry _telemetry;
    readonly Authorizer _authorizer;
    readonly ConcurrentDictionary<AuthenticationOptions, IAuthenticator> _authenticators = new(ReferenceEqualityComparer.Instance);
    readonly CancellationTokenSource _stopping = new();

    public Admission(LiveConfiguration live, IngressTelemetry telemetry, TimeProvider time, ILogger logger)
    {
        (_live, _telemetry, _time, _logger) = (live, telemetry, time, logger);
        _authorizer = new Authorizer(live.Current.Authorization, time, logger);
    }

    public bool Asks(GatewayConfiguration configuration, string listener) => _authorizer.Decides || AuthenticationOf(configuration.Lwm2m, listener) is not null;

    public bool Authorizes(GatewayConfiguration configuration) => _authorizer.Decides;

    public void Ask(AdmissionQuestion question, Action<Verdict> answer) => _ = Task.Run(() => AskAsync(question, answer));

    public void Dispose()
    {
        _stopping.Cancel();
        foreach (var authenticator in _authenticators.Values)
            authenticator.Dispose();
        _authorizer.Dispose();
        _stopping.Dispose();
    }

    /// <summary>The authenticator in force for a listener; null: its devices are not authenticated.</summary>
    public static AuthenticationOptions? AuthenticationOf(Lwm2mOptions options, string listener)
    {
        var settings = options.Listeners.Find(listener);
        return settings is { EnableAuthn: false } ? null : (settings?.Authentication ?? options.Authentication) is { Enable: true } chosen ? chosen : null;
    }

    async Task AskAsync(AdmissionQuestion question, Action<Verdict> answer)
    {
        Verdict verdict;
        try
        {
            verdict = await DecideAsync(question, _stopping.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            verdict = new Verdict(VerdictKind.Unreachable);
        }
        catch (Exception e)
        {
            // Whatever it was, the device must not wait for ever, and the next one must be asked about.
            LogFailed(question.Endpoint, e);
            verdict = new Verdict(VerdictKind.Unreachable);
        }

        answer(verdict);
    }

    async Task<Verdict> DecideAsync(AdmissionQuestion question, CancellationToken stopping)
    {
        var options = _live.Current.Lwm2m;
        var (client, authentication) = (question.Client, new Authentication(HttpResult.Allow));
        if (!question.IsReview && AuthenticationOf(options, client.Listener) is { } authenticator)
        {
            authentication = await Authenticator(authenticator).AuthenticateAsync(question, stopping);
            if (Rejected(question, authenticator, authentication) is { } rejected)
                return rejected;
            client = WithAttributes(question, authentication);
        }

        var verdict = new Verdict(VerdictKind.Admitted) { Client = client, IsSuperuser = authentication.IsSuperuser, AdmittedUntilMs = authentication.ExpireAt * 1000 };
        if (verdict.IsSuperuser || !_authorizer.Decides)
            return verdict;
        if (await _authorizer.AuthorizeAsync(options, question with { Client = client }, stopping) is not { } authorized)
            return new Verdict(VerdictKind.Unreachable);
        if (authorized.First is { } first && _live.Current.Authorization.DenyAction == "disconnect")
            return new Verdict(VerdictKind.Refused) { Reason = $"not authorized: {first.Action} {first.Topic}" };
        return verdict with { Denied = authorized.Bits, AuthorizedMs = _time.GetUtcNow().ToUnixTimeMilliseconds() };
    }

    Verdict? Rejected(AdmissionQuestion question, AuthenticationOptions options, Authentication authentication)
    {
        if (authentication.Result == HttpResult.Unreachable)
            return new Verdict(VerdictKind.Unreachable);
        if (authentication.Result != HttpResult.Allow)
            return Refused(authentication.Reason);
        if (authentication.ExpireAt > 0 && authentication.ExpireAt <= _time.GetUtcNow().ToUnixTimeSeconds())
            return Refused("not authorized: the admission of this device has expired");
        var bound = authentication.Attributes.GetValueOrDefault("endpoint_name");
        if (bound is null && options.BindEndpoint is { } template)
            bound = new Template(template).Render(new DeviceValues(question.Endpoint, question.Client, null).Of);
        return bound is null || bound == question.Endpoint ? null : Refused("not authorized: this identity belongs to another endpoint");
    }

    ClientIdentity WithAttributes(AdmissionQuestion question, Authentication authentication)
    {
        if (authentication.Attributes.Count == 0)
            return question.Client;
        var client = question.Client.Clone();
        if (ClientAttributes.Copy(authentication.Attributes, client.ClientAttrs) is > 0 and var left)
        {
            _telemetry.AttributesLeftOut.Add(left);
            LogLeftOut(left, question.Endpoint);
        }

        return client;
    }

    IAuthenticator Authenticator(AuthenticationOptions options) => _authenticators.GetOrAdd(options, Make);

    IAuthenticator Make(AuthenticationOptions options) => options switch
    {
        { Mechanism: "password_based", Backend: "http", Url: not null } => new HttpAuthenticator(new HttpBackend("authentication", options, _time, _logger), _logger),
        { Mechanism: "password_based", Backend: "built_in_database", File: not null } => new PasswordFile(options, _time, _logger),
        _ => new NobodyAdmitted("not authorized: the gateway has no users"),
    };

    static Verdict Refused(string reason) => new(VerdictKind.Refused) { Reason = reason };

    [LoggerMessage(26, LogLevel.Error, "The question about {Endpoint} failed")]
    partial void LogFailed(string endpoint, Exception exception);

    [LoggerMessage(27, LogLevel.Warning, "{Count} client attributes of {Endpoint} were left out: they may not stand in a topic, or are too many")]
    partial void LogLeftOut(int count, string endpoint);
}
