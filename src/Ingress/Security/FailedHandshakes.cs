using System.Text;
using Contracts;
using Google.Protobuf;
using Ingress.Journal;
using Ingress.Sockets;
using Messaging;
using Protocol.Dtls;

namespace Ingress.Security;

/// <summary>
/// Tells on the uplink topic of handshakes that failed. Anybody can make them fail, so one event tells of all from one address with one identity
/// and one reason in a minute, and there are at most <see cref="Most"/> of those.
/// </summary>
sealed class FailedHandshakes(ILog log, Topics topics, Clock clock, IngressTelemetry telemetry, int slot, long epoch)
{
    /// <summary>Events within a <see cref="Period"/>.</summary>
    public const int Most = 1000;

    /// <summary>ms until the next event of the same kind.</summary>
    public const long Period = 60_000;

    const long SweepPeriod = 1000;
    const int MostIdentityLength = 128;

    readonly Lock _lock = new();
    readonly Dictionary<(Peer Source, string Identity, HandshakeResult Result), (long ToldAt, uint Since)> _told = [];
    long _swept;
    ulong _sequence;

    /// <param name="identity">Who the peer said it is; null where it has not come to that.</param>
    public void Tell(string listener, in Peer peer, DtlsIdentity? identity, HandshakeResult result)
    {
        var name = NameOf(identity);
        if (CountOf((peer.Source, name, result)) is not { } failures)
            return;
        var sequence = Interlocked.Increment(ref _sequence);
        var id = EventId.Of(Encoding.UTF8.GetBytes($"dtls_failed {slot} {epoch} {sequence}"));
        var key = name.Length > 0 ? name : peer.ToEndPoint().Address.ToString();
        var happened = new UplinkEvent
        {
            Schema = Contracts.Schema.Current,
            IdHigh = id.High,
            IdLow = id.Low,
            Kind = EventKind.DtlsFailed,
            Endpoint = key,
            Client = new ClientIdentity { Listener = listener, Identity = name },
            ReceivedNs = (ulong)clock.UnixNanoseconds,
            Peer = peer.ToString(),
            Slot = (uint)slot,
            Epoch = (ulong)epoch,
            Sequence = sequence,
            Reason = Labels<HandshakeResult>.Of(result),
            Failures = failures,
        };
        if (log.TryAppend(topics.Uplink, -1, Encoding.UTF8.GetBytes(key), happened.ToByteArray(), Unheeded.Sink, 0) != AppendStatus.Handed)
            telemetry.DtlsFailuresUntold.Add(1);
    }

    // As credentials are named, whether there is one or not.
    static string NameOf(DtlsIdentity? identity) => identity switch
    {
        null or { Name.Length: 0 } => "",
        { Credential: Credential credential } => credential.Identity,
        { Name.Length: > MostIdentityLength } => CredentialEntry.OfPsk(identity.Name[..MostIdentityLength]),
        _ => CredentialEntry.OfPsk(identity.Name),
    };

    // How many the event tells of; null: none is told now.
    uint? CountOf((Peer, string, HandshakeResult) kind)
    {
        var now = clock.Milliseconds;
        lock (_lock)
        {
            if (_told.TryGetValue(kind, out var known) && now - known.ToldAt < Period)
            {
                _told[kind] = known with { Since = known.Since + 1 };
                return null;
            }

            if (_told.Count >= Most && !_told.ContainsKey(kind) && !MakeRoom(now))
            {
                telemetry.DtlsFailuresUntold.Add(1);
                return null;
            }

            _told[kind] = (now, 0);
            return known.Since + 1;
        }
    }

    bool MakeRoom(long now)
    {
        if (now - _swept < SweepPeriod)
            return false;
        _swept = now;
        foreach (var (kind, (toldAt, _)) in _told)
        {
            if (now - toldAt >= Period)
                _told.Remove(kind);
        }

        return _told.Count < Most;
    }
}
