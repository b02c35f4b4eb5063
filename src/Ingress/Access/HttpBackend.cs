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
/// left alone for a while; whatever happens, there is an answer in bounded time, at worst that there is none.
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
    readonly ResiliencePipeline _pipeline;
    readonly ILogger _logger;
    readonly string _name;

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
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = 1,
                Delay = RetryDelay,
                ShouldHandle = new PredicateBuilder().Handle<HttpRequestException>(),
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 0.5,
                MinimumThroughput = 10,
                SamplingDuration = Watched,
                BreakDuration = LeftAlone,
                ShouldHandle = new PredicateBuilder().Handle<HttpRequestException>().Handle<TimeoutRejectedException>().Handle<InvalidDataException>(),
                OnOpened = _ =>
                {
                    LogLeftAlone(name, LeftAlone.TotalSeconds);
                    return default;
                },
            })
            .AddTimeout(options.RequestTimeout)
            .Build();
    }

    /// <summary>Never throws, except where it is cancelled. Null: there was no answer, or none that can be understood.</summary>
    /// <param name="values">What placeholders stand for.</param>
    /// <param name="read">Makes an answer of status, media type and body; null where it is none.</param>
    /// <param name="stopping">Cancels.</param>
    public async Task<T?> AskAsync<T>(Func<string, string?> values, Func<int, string?, string, T?> read, CancellationToken stopping)
        where T : class
    {
        try
        {
            return await _pipeline.ExecuteAsync(async cancellation => await AskOnceAsync(values, read, cancellation), stopping);
        }
        catch (BrokenCircuitException)
        {
            return null;
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException or UriFormatException or InvalidOperationException or IOException or InvalidDataException)
        {
            LogUnreachable(_name, e.Message);
            return null;
        }
    }

    public void Dispose() => _client.Dispose();

    async Task<T> AskOnceAsync<T>(Func<string, string?> values, Func<int, string?, string, T?> read, CancellationToken cancellation)
        where T : class
    {
        using var request = _requests.For(values);
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellation);
        var status = (int)response.StatusCode;
        return read(status, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(cancellation))
            ?? throw new InvalidDataException($"it answered {status} and nothing that can be understood");
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

    [LoggerMessage(20, LogLevel.Warning, "{Name}: the server has given no answer: {Reason}")]
    partial void LogUnreachable(string name, string reason);

    [LoggerMessage(22, LogLevel.Error, "{Name}: the server fails and is left alone for {Seconds} s; who has to be asked about waits meanwhile")]
    partial void LogLeftAlone(string name, double seconds);

    [LoggerMessage(23, LogLevel.Error, "{Name}.ssl: a certificate cannot be read: {Reason}")]
    partial void LogCertificate(string name, string reason);
}
