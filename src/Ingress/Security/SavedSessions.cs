using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Threading.Channels;
using Ingress.Forwarding;
using Messaging;
using Microsoft.Extensions.Logging;
using Protocol.Dtls;

namespace Ingress.Security;

/// <summary>
/// The DTLS sessions of a slot on the topic <c>dtls</c>: written while they live, ahead of what they use (the invariant stands with the numbers, in
/// Protocol.Dtls), and gone on with by the next process that has the slot. Nothing waits for Kafka: a session whose numbers are not
/// in force yet keeps some of what it hears for a moment, and drops the rest. Waiting are at most as many as there are sessions, each once.
/// </summary>
sealed partial class SavedSessions : IAsyncDisposable
{
    /// <summary>Hands a record to Kafka, for the partition of the slot.</summary>
    public delegate AppendStatus Appender(byte[] key, byte[]? value, IAppendSink sink, long cookie);

    /// <summary>Fences that are kept: writers that may still have something on its way are among the last so many.</summary>
    const int MostFences = 64;

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);

    // Longest that a start waits for what it has reserved, and an end for what is to be handed to Kafka.
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly CredentialKeys _keys;
    readonly Appender _append;
    readonly IngressTelemetry _telemetry;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly SavedSessionLog _log;
    readonly Channel<(string Listener, DtlsSession<Route> Session)> _waiting =
        Channel.CreateUnbounded<(string, DtlsSession<Route>)>(new UnboundedChannelOptions { SingleReader = true });
    readonly ConcurrentDictionary<SavedSessionKey, Written> _written = new();
    readonly ConcurrentDictionary<SavedSessionKey, Claim> _claims = new();
    readonly CancellationTokenSource _ended = new();
    readonly Ignored _ignored = new();
    Task _writing = Task.CompletedTask;
    volatile bool _hasReadOwn;
    int _restored;
    int _notRestored;

    /// <param name="keys">That seal and open.</param>
    /// <param name="append">Writes to the slot's partition.</param>
    /// <param name="most">Sessions that are gone on with.</param>
    public SavedSessions(CredentialKeys keys, Appender append, int most, IngressTelemetry telemetry, TimeProvider time, ILogger logger)
    {
        (_keys, _append, _telemetry, _time, _logger) = (keys, append, telemetry, time, logger);
        _log = new SavedSessionLog(keys, most);
    }

    /// <summary>Sessions that stand in the log.</summary>
    public int Count => _written.Count;

    /// <summary>Takes the partition: from here on only what this process writes counts. Before anything is read.</summary>
    public async Task ClaimAsync(CancellationToken stopping)
    {
        while (true)
        {
            var fence = new Fence();
            if (_append(SavedSessionKey.NewFence(), [1], fence, 0) == AppendStatus.Handed && await fence.Offset.WaitAsync(stopping) is >= 0 and var offset)
            {
                _log.Own = offset;
                return;
            }

            await Task.Delay(Pause, _time, stopping);
        }
    }

    /// <summary>Takes the next record of the partition, from its beginning on. Called by one thread.</summary>
    public void Read(LogRecord record)
    {
        var wasFenced = _log.IsFenced;
        if (_log.Read(record) is { } session)
        {
            // A restored session is in both.
            if (_claims.TryGetValue(session.Key, out var claim))
                claim.IsInForce = true;
            if (_written.TryGetValue(session.Key, out var written))
                written.Session.Grant(session.State.Numbers);
        }

        _hasReadOwn = _log.HasReadOwn;
        if (_log.IsFenced && !wasFenced)
            LogFenced();
    }

    /// <summary>
    /// Reserves numbers for all that another process has left and that <paramref name="judge"/> finds fit, and waits for them to be in force: then
    /// they are there for <see cref="Take"/>.
    /// </summary>
    /// <param name="judge">Who is at the other end; null, with a label, where the session must not be gone on with.</param>
    public async Task RestoreAsync(Func<SavedSession, (DtlsIdentity? Identity, string Reason)> judge, CancellationToken stopping)
    {
        while (!_hasReadOwn)
            await Task.Delay(Moment, _time, stopping);
        foreach (var (key, session) in _log.Found)
        {
            var (identity, reason) = session is null ? (null, "unreadable") : judge(session);
            if (identity is null)
            {
                LeaveOut(reason);
                await AppendAsync(key, null, stopping);
                continue;
            }

            var limit = session!.State.Numbers.Reserved;
            _claims[key] = new Claim(session, identity, limit);
            await AppendAsync(key, session with { Writer = _log.Own, Revision = 1, State = session.State with { Numbers = limit } }, stopping);
        }

        if (_log.TooMany > 0)
            LeaveOut("too_many", _log.TooMany);
        _log.Clear();
        while (_log.Fences.Count > MostFences)
            _append(_log.Fences.Dequeue(), null, _ignored, 0);
        var began = _time.GetTimestamp();
        while (_claims.Values.Any(c => !c.IsInForce) && _time.GetElapsedTime(began) < Patience)
            await Task.Delay(Moment, _time, stopping);
    }

    /// <summary>Gives the sessions of a listener to its server, once.</summary>
    /// <param name="listener">Its name.</param>
    /// <param name="index">By which peers name it.</param>
    /// <param name="server">Its server.</param>
    public void Take(string listener, int index, DtlsServer<Route> server)
    {
        Span<byte> address = stackalloc byte[Sockets.Peer.MaxLength];
        foreach (var (key, claim) in _claims)
        {
            if (key.Listener != listener || !_claims.TryRemove(key, out _))
                continue;
            var route = claim.Saved.Route;
            Sockets.Peer.TryRead(address[..route.Peer.Write(address)], index, out var peer);
            if (!claim.IsInForce)
                LeaveOut("not_reserved");
            else if (!server.TryRestore(claim.Saved.State, claim.Limit, claim.Identity, route with { Peer = peer }, out var session))
                LeaveOut("replaced");
            else
                Enter(key, session);
        }
    }

    /// <summary>All listeners are there: tells how many sessions go on.</summary>
    public void EndRestore()
    {
        foreach (var key in _claims.Keys)
        {
            if (_claims.TryRemove(key, out _))
                LeaveOut("no_listener");
        }

        LogRestored(_restored, _notRestored);
        _writing = WriteAsync();
    }

    /// <summary>A session is to be written. Takes no memory to speak of, and no time.</summary>
    public void Attend(string listener, DtlsSession<Route> session) => _waiting.Writer.TryWrite((listener, session));

    /// <summary>Writes what waits. False: Kafka takes nothing now.</summary>
    public bool Write()
    {
        while (_waiting.Reader.TryRead(out var waiting))
        {
            if (TryWrite(waiting.Listener, waiting.Session))
                continue;
            _waiting.Writer.TryWrite(waiting);
            return false;
        }

        return true;
    }

    /// <summary>Writes sessions as they have come to their end here, exactly, for the successor.</summary>
    /// <param name="frozen">By the name of their listener.</param>
    public async Task SaveAsync(IEnumerable<(string Listener, DtlsSession<Route> Session, SessionState State)> frozen)
    {
        await StopAsync();
        using var patience = new CancellationTokenSource(Patience, _time);
        var count = 0;
        // They have ended here, and are not to be taken out of the log for it.
        List<(string, DtlsSession<Route>, SessionState, SavedSessionKey, Written)> left = [];
        foreach (var (listener, session, state) in frozen)
        {
            var key = new SavedSessionKey(state.Id, listener);
            if (_written.TryRemove(key, out var written))
                left.Add((listener, session, state, key, written));
        }

        try
        {
            foreach (var (listener, session, state, key, written) in left)
            {
                await AppendAsync(key, SavedSession.Of(_log.Own, ++written.Revision, listener, session, state), patience.Token);
                count++;
            }
        }
        catch (OperationCanceledException)
        {
            // Their reservations stand in the log: as after a crash.
        }

        _telemetry.DtlsSaved.Add(count);
        LogSaved(count);
    }

    /// <summary>Stops, and writes what has ended meanwhile.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Write();
        _ended.Dispose();
    }

    async Task StopAsync()
    {
        await _ended.CancelAsync();
        await _writing;
    }

    async Task WriteAsync()
    {
        try
        {
            while (await _waiting.Reader.WaitToReadAsync(_ended.Token))
            {
                if (!Write())
                    await Task.Delay(Pause, _time, _ended.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    bool TryWrite(string listener, DtlsSession<Route> session)
    {
        var key = new SavedSessionKey(session.ConnectionIdentifier, listener);
        if (!session.TryPlan(out var state))
            return !_written.TryGetValue(key, out var gone) || _append(key.ToBytes(), null, gone, Written.Tombstone) == AppendStatus.Handed;
        var written = _written.GetOrAdd(key, static (_, made) => new Written(made.This, made.Listener, made.Session), (This: this, Listener: listener, Session: session));
        var bytes = key.ToBytes();
        return SavedSessionRecord.Write(SavedSession.Of(_log.Own, ++written.Revision, listener, session, state), bytes, _keys) is not { } value
            || _append(bytes, value, written, 0) == AppendStatus.Handed;
    }

    async Task AppendAsync(SavedSessionKey key, SavedSession? session, CancellationToken ct)
    {
        var bytes = key.ToBytes();
        var value = session is null ? null : SavedSessionRecord.Write(session, bytes, _keys);
        while (_append(bytes, value, _ignored, 0) != AppendStatus.Handed)
            await Task.Delay(Moment, _time, ct);
    }

    void Enter(SavedSessionKey key, DtlsSession<Route> session)
    {
        _written[key] = new Written(this, key.Listener, session) { Revision = 1 };
        _restored++;
        _telemetry.DtlsRestored.Add(1);
    }

    void LeaveOut(string reason, int count = 1)
    {
        _notRestored += count;
        _telemetry.DtlsNotRestored.Add(count, new KeyValuePair<string, object?>("reason", reason));
    }

    /// <summary>A session of which something stands in the log.</summary>
    sealed class Written(SavedSessions all, string listener, DtlsSession<Route> session) : IAppendSink
    {
        public const long Tombstone = 1;

        public DtlsSession<Route> Session => session;

        public ulong Revision { get; set; }

        // What Kafka has not taken may stand there all the same; it is planned once more.
        public void Appended(long cookie, int partition, long offset, bool succeeded)
        {
            if (!succeeded)
                all.Attend(listener, session);
            else if (cookie == Tombstone)
                all._written.TryRemove(new SavedSessionKey(session.ConnectionIdentifier, listener), out _);
        }
    }

    sealed class Claim(SavedSession saved, DtlsIdentity identity, RecordNumbers limit)
    {
        volatile bool _isInForce;

        public SavedSession Saved => saved;

        public DtlsIdentity Identity => identity;

        public RecordNumbers Limit => limit;

        public bool IsInForce
        {
            get => _isInForce;
            set => _isInForce = value;
        }
    }

    sealed class Fence : IAppendSink
    {
        readonly TaskCompletionSource<long> _offset = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>-1 where it was not written, or nobody knows.</summary>
        public Task<long> Offset => _offset.Task;

        public void Appended(long cookie, int partition, long offset, bool succeeded) => _offset.TrySetResult(succeeded ? offset : -1);
    }

    sealed class Ignored : IAppendSink
    {
        public void Appended(long cookie, int partition, long offset, bool succeeded)
        {
        }
    }

    [LoggerMessage(62, LogLevel.Information, "{Restored} DTLS sessions of the process before go on, {NotRestored} do not")]
    partial void LogRestored(int restored, int notRestored);

    [LoggerMessage(63, LogLevel.Information, "{Count} DTLS sessions are saved for the successor")]
    partial void LogSaved(int count);

    [LoggerMessage(64, LogLevel.Warning, "Another process has taken the DTLS sessions of this slot: those here end as their numbers are used up")]
    partial void LogFenced();
}
