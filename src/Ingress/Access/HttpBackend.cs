using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Contracts.Configuration;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Ingress.Access;

/// <summary>
/// A server that is asked about devices. A connection that could not be made or broke is tried once more, a server that is slow or failing is
/// left alone for a while; whatever happens, there is an answer in bounded time, <see cref="HttpResult.Unreachable"/> at worst.
/// </summary>
sealed partial class HttpBackend : IDisposable
{
    const int LongestAnswer = 64 << 10;

    static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan Watched = TimeSpan.FromSeconds(10);
    static readonly TimeSpan LeftAlone = TimeSpan.FromSeconds(5);
    static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    readonly HttpRequests _requests;
    readonly HttpClient _client;
    readonly ResiliencePipeline<HttpReply> _pipeline;
    readonly ILogger _logger;
    readonly string _name;
    int _toldOfAcl;

    /// <param name="name">For logs: "gateway.lwm2m.authentication".</param>
    /// <param name="options">The server.</param>
    /// <param name="time">Of timeouts and of the circuit breaker.</param>
    /// <param name="logger">Where failures are told.</param>
    public HttpBackend(string name, HttpBackendOptions options, TimeProvider time, ILogger logger)
    {
        _name = name;
        _logger = logger;
        _requests = new HttpRequests(options);
        _client = new HttpClient(Handler(options)) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LongestAnswer };
        _pipeline = new ResiliencePipelineBuilder<HttpReply> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<HttpReply>
            {
                MaxRetryAttempts = 1,
                Delay = RetryDelay,
                ShouldHandle = new PredicateBuilder<HttpReply>().Handle<HttpRequestException>(),
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpReply>
            {
                FailureRatio = 0.5,
                MinimumThroughput = 10,
                SamplingDuration = Watched,
                BreakDuration = LeftAlone,
                ShouldHandle = new PredicateBuilder<HttpReply>()
                    .Handle<HttpRequestException>()
                    .Handle<TimeoutRejectedException>()
                    .HandleResult(reply => reply.Result == HttpResult.Unreachable),
                OnOpened = _ =>
                {
                    LogLeftAlone(name, LeftAlone.TotalSeconds);
                    return default;
                },
            })
            .AddTimeout(options.RequestTimeout)
            .Build();
    }

    /// <summary>Never throws, except where it is cancelled.</summary>
    public async Task<HttpReply> AskAsync(DeviceValues values, CancellationToken stopping)
    {
        try
        {
            return await _pipeline.ExecuteAsync(async cancellation => await AskOnceAsync(values, cancellation), stopping);
        }
        catch (BrokenCircuitException)
        {
            return HttpReply.Unreachable;
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException or UriFormatException or InvalidOperationException or IOException)
        {
            LogUnreachable(_name, e.Message);
            return HttpReply.Unreachable;
        }
    }

    public void Dispose() => _client.Dispose();

    async Task<HttpReply> AskOnceAsync(DeviceValues values, CancellationToken cancellation)
    {
        using var request = _requests.For(values);
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellation);
        var reply = HttpReply.Of(
            (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(cancellation));
        if (reply.Result == HttpResult.Unreachable)
            LogNoAnswer(_name, (int)response.StatusCode);
        if (reply.HasAcl && Interlocked.Exchange(ref _toldOfAcl, 1) == 0)
            LogAcl(_name);
        return reply;
    }

    SocketsHttpHandler Handler(HttpBackendOptions options) => new()
    {
        MaxConnectionsPerServer = options.PoolSize,
        ConnectTimeout = options.ConnectTimeout,
        // So that a server that moves is found again.
        PooledConnectionLifetime = ConnectionLifetime,
        AllowAutoRedirect = false,
        UseCookies = false,
        SslOptions = Tls(options.Ssl),
    };

    SslClientAuthenticationOptions Tls(HttpTlsOptions options)
    {
        var tls = new SslClientAuthenticationOptions();
        try
        {
            if (options.Certfile is { } own)
                tls.ClientCertificates = [X509Certificate2.CreateFromPemFile(own, options.Keyfile)];
            if (options.Cacertfile is { } issuers)
            {
                tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                tls.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(issuers);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            LogCertificate(_name, e.Message);
        }

        if (options.Verify == "verify_none")
#pragma warning disable CA5359 // The operator has written verify_none.
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        return tls;
    }

    [LoggerMessage(20, LogLevel.Warning, "{Name}: the server could not be asked: {Reason}")]
    partial void LogUnreachable(string name, string reason);

    [LoggerMessage(21, LogLevel.Warning, "{Name}: the server answered {Status} and nothing that can be understood")]
    partial void LogNoAnswer(string name, int status);

    [LoggerMessage(22, LogLevel.Error, "{Name}: the server fails and is left alone for {Seconds} s; devices are answered 5.03 meanwhile")]
    partial void LogLeftAlone(string name, double seconds);

    [LoggerMessage(28, LogLevel.Warning, "{Name}: the answer holds an acl, which is not taken here; authorization.sources decides what a device may do")]
    partial void LogAcl(string name);

    [LoggerMessage(23, LogLevel.Error, "{Name}.ssl: a certificate cannot be read: {Reason}")]
    partial void LogCertificate(string name, string reason);
}
