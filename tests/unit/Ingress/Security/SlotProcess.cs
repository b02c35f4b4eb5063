using System.Buffers.Binary;
using Ingress;
using Ingress.Forwarding;
using Ingress.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Protocol.Dtls;

namespace Pipeline.Tests.Ingress.Security;

/// <summary>One process that has, or had, a slot: a DTLS server whose sessions are written to the slot's log. It does something only when told to.</summary>
sealed class SlotProcess : IDtlsHost<Route>
{
    public const string Listener = "dtls:default";
    public const int Slot = 7;

    static readonly IngressTelemetry Telemetry =
        new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());

    readonly SlotLog _log;
    readonly FakeTimeProvider _time;
    long _read;

    public SlotProcess(SlotLog log, CredentialKeys keys, FakeTimeProvider time)
    {
        (_log, _time) = (log, time);
        Writer = new SlotLog.Writer(log);
        Saved = new SavedSessions(keys, Writer.TryAppend, 100, Telemetry, time, NullLogger.Instance);
        Server = new DtlsServer<Route>(this, new DtlsSettings { FindKey = _ => null }, 100, Slot, time);
    }

    public SlotLog.Writer Writer { get; }

    public SavedSessions Saved { get; }

    public DtlsServer<Route> Server { get; }

    /// <summary>Number of a record that it has sent, and of one that it has taken.</summary>
    public Action<ulong> Sent { get; init; } = _ => { };

    public Action<ulong> Taken { get; init; } = _ => { };

    public List<DropReason> Drops { get; } = [];

    /// <summary>Takes the slot and goes on with what the log has.</summary>
    /// <param name="meanwhile">Called again and again until that is done.</param>
    /// <param name="judge">Who is at the other end.</param>
    public async Task StartAsync(Action meanwhile, Func<SavedSession, (DtlsIdentity? Identity, string Reason)>? judge = null)
    {
        await UntilAsync(Saved.ClaimAsync(default), meanwhile, reads: false);
        await UntilAsync(Saved.RestoreAsync(judge ?? (session => (new DtlsIdentity(session.Identity), "")), default), meanwhile, reads: true);
        Saved.Take(Listener, 0, Server);
    }

    /// <summary>Reads the next record of the log. False where there is none.</summary>
    public bool Read()
    {
        if (_log.From(_read) is not { } record)
            return false;
        Saved.Read(record);
        _read = record.Offset + 1;
        return true;
    }

    async Task UntilAsync(Task task, Action meanwhile, bool reads)
    {
        while (!task.IsCompleted)
        {
            meanwhile();
            Writer.Land();
            if (reads)
                Read();
            _time.Advance(TimeSpan.FromMilliseconds(5));
            await Task.Yield();
        }

        await task;
    }

    void IDtlsHost<Route>.Send(in Route to, ReadOnlySpan<byte> datagram) => Sent(RecordHeader.PositionOf(datagram));

    void IDtlsHost<Route>.Receive(in Route from, DtlsSession<Route> session, ReadOnlySpan<byte> plaintext) => Taken(BinaryPrimitives.ReadUInt64BigEndian(plaintext));

    Route IDtlsHost<Route>.PeerOf(in Route address, DtlsIdentity identity) => address;

    void IDtlsHost<Route>.Moved(DtlsSession<Route> session, in Route from, in Route to)
    {
    }

    bool IDtlsHost<Route>.SavesSessions => true;

    void IDtlsHost<Route>.Attend(DtlsSession<Route> session) => Saved.Attend(Listener, session);

    int IDtlsHost<Route>.Describe(in Route address, Span<byte> bytes) => address.Peer.Write(bytes);

    bool IDtlsHost<Route>.MayBegin(in Route from) => false;

    void IDtlsHost<Route>.Ended(in Route with, HandshakeResult result, DtlsIdentity? identity, string? cipher)
    {
    }

    void IDtlsHost<Route>.Alerted(bool isSent, string description)
    {
    }

    void IDtlsHost<Route>.Dropped(DropReason reason) => Drops.Add(reason);
}
