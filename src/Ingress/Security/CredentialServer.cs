using System.Threading.Channels;
using Contracts.Configuration;
using Ingress.Access;
using Microsoft.Extensions.Logging;
using Protocol.Dtls;

namespace Ingress.Security;

/// <summary>
/// The credentials that an HTTP server knows (<c>credentials.http</c>). Handshakes wait for it, on threads of their own and not all of those;
/// messages of sessions never do: who is heard is asked about again in the background. While it gives no answer, what it has said before counts.
/// </summary>
sealed class CredentialServer : IDisposable
{
    /// <summary>Most handshakes that wait for an answer; the others go on.</summary>
    public const int MostWaiting = 128;

    const int MostQueued = 1 << 17;

    // A handshake has 15 s in all.
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(11);

    readonly CredentialAnswers _answers;
    readonly HttpBackend _server;
    readonly IngressTelemetry _telemetry;
    readonly TimeProvider _time;
    readonly SemaphoreSlim _gate;
    readonly ITimer _timer;
    readonly CancellationTokenSource _stopping = new();
    readonly Lock _lock = new();
    readonly Dictionary<string, Task<CredentialAnswer?>> _asking = new(StringComparer.Ordinal);
    readonly HashSet<string> _queued = new(StringComparer.Ordinal);
    readonly Channel<string> _queue = Channel.CreateBounded<string>(MostQueued);
    volatile object _edition = new();
    int _waiting;

    public CredentialServer(CredentialLookupOptions options, IngressTelemetry telemetry, TimeProvider time, ILogger logger)
    {
        (_telemetry, _time) = (telemetry, time);
        _answers = new CredentialAnswers((long)options.Ttl.TotalMilliseconds, (long)options.Grace.TotalMilliseconds);
        _server = new HttpBackend("credentials.http", options, time, logger);
        _gate = new SemaphoreSlim(options.PoolSize);
        _timer = time.CreateTimer(_ => Turn(), null, options.Ttl / 2, options.Ttl / 2);
        // Handshakes find half of the connections free.
        for (var i = 0; i < Math.Max(1, options.PoolSize / 2); i++)
            _ = RenewAsync();
    }

    /// <summary>Another object whenever a credential may count no more, and now and then in any case, so that whoever keeps it asks.</summary>
    public object Edition => _edition;

    /// <summary>Credentials that are remembered.</summary>
    public int Count => _answers.Known;

    /// <summary>Handshakes that wait.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    long Now => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Null where nothing is asked.</summary>
    public static CredentialServer? Of(CredentialsOptions options, IngressTelemetry telemetry, TimeProvider time, ILogger logger) =>
        options.Http is { Enable: true, Url: not null } http ? new CredentialServer(http, telemetry, time, logger) : null;

    /// <summary>The one with that <see cref="Credential.Identity"/>; null: nobody has it. Waits for the server.</summary>
    /// <exception cref="KeysUnreachableException">It gives no answer, and has given none that still counts.</exception>
    public Credential? Ask(string identity)
    {
        var known = _answers.Find(identity, Now);
        if (known is { Age: AnswerAge.Ripe })
            Queue(identity);
        if (known is { Age: AnswerAge.Fresh or AnswerAge.Ripe })
            return known.Value.Credential;
        if ((Wait(identity) ?? (known is { Age: AnswerAge.Old } ? new CredentialAnswer(known.Value.Credential) : null)) is { } answer)
            return answer.Credential;
        throw new KeysUnreachableException();
    }

    /// <summary>Whether it has not taken back a credential that was its own. Never waits.</summary>
    public bool Holds(Credential credential)
    {
        var known = _answers.Find(credential.Identity, Now);
        if (known is null or { Credential: not null, Age: not AnswerAge.Fresh })
            Queue(credential.Identity);
        return known is null || known.Value.Credential?.Is(credential) == true;
    }

    public void Dispose()
    {
        _timer.Dispose();
        _stopping.Cancel();
        _queue.Writer.TryComplete();
        _server.Dispose();
    }

    // Sessions ask whether they hold at most once in that time, so what is ripe is asked about again.
    void Turn()
    {
        _answers.Sweep(Now);
        _edition = new object();
    }

    CredentialAnswer? Wait(string identity)
    {
        try
        {
            if (Interlocked.Increment(ref _waiting) <= MostWaiting)
                return AskOnce(identity).WaitAsync(LongestWait, _time).GetAwaiter().GetResult();
            Tell("busy");
            return null;
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    void Queue(string identity)
    {
        lock (_lock)
        {
            if (_queued.Add(identity) && !_queue.Writer.TryWrite(identity))
                _queued.Remove(identity);
        }
    }

    async Task RenewAsync()
    {
        await foreach (var identity in _queue.Reader.ReadAllAsync())
        {
            lock (_lock)
                _queued.Remove(identity);
            // Also of one that was not remembered a session may live.
            if (await AskOnce(identity) is { Credential: null })
                _edition = new object();
        }
    }

    // The same question is under way once.
    Task<CredentialAnswer?> AskOnce(string identity)
    {
        lock (_lock)
        {
            if (!_asking.TryGetValue(identity, out var asking))
                _asking[identity] = asking = Task.Run(() => AskAsync(identity));
            return asking;
        }
    }

    async Task<CredentialAnswer?> AskAsync(string identity)
    {
        try
        {
            await _gate.WaitAsync(_stopping.Token);
            try
            {
                var (kind, name) = CredentialEntry.PartsOf(identity);
                var answer = await _server.AskAsync(
                    value => value switch { "identity" => name, "kind" => kind, _ => null },
                    (status, _, body) => CredentialAnswer.Of(identity, status, body),
                    _stopping.Token);
                Tell(answer is null ? "unreachable" : answer.Credential is null ? "unknown" : "found");
                if (answer is not null && _answers.Put(identity, answer.Credential, Now))
                    _edition = new object();
                return answer;
            }
            finally
            {
                _gate.Release();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
        finally
        {
            lock (_lock)
                _asking.Remove(identity);
        }
    }

    void Tell(string result) => _telemetry.CredentialLookups.Add(1, new KeyValuePair<string, object?>("result", result));
}
