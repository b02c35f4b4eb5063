using Contracts;
using Contracts.Configuration;
using Hosting.Traces;
using Ingress.Access;
using Ingress.Capture;
using Ingress.Journal;
using Ingress.Registrations;
using Ingress.Security;
using Ingress.Sockets;
using Protocol.Coap;

namespace Ingress;

/// <summary>What the parts of one Ingress share. All of it is used under <see cref="Gate"/> only.</summary>
sealed class Node
{
    /// <summary>One thing at a time: datagrams, acknowledgements of Kafka, records read and timers all come through here.</summary>
    public Lock Gate { get; } = new();

    public required Clock Clock { get; init; }
    public required Random Random { get; init; }
    public required ILog Log { get; init; }
    public required IDatagramOutlet Outlet { get; init; }

    /// <summary>Who records datagrams, and when. Null: nobody ever.</summary>
    public Recorder? Recorder { get; init; }

    public required Topics Topics { get; init; }
    public required Func<GatewayConfiguration> Configuration { get; init; }
    public required IngressTelemetry Telemetry { get; init; }

    /// <summary>What is shown of single messages.</summary>
    public Trail Trail => Telemetry.Trail;

    public required Identifiers Identifiers { get; init; }
    public required SessionTable Sessions { get; init; }

    /// <summary>Names of the listeners, by index.</summary>
    public required IReadOnlyList<string> Listeners { get; init; }
    public required int Slot { get; init; }

    /// <summary>What peers have proven.</summary>
    public IProofs Proofs { get; init; } = NothingProven.Instance;

    /// <summary>Who is asked whether a device may come in.</summary>
    public IAdmission Admission { get; init; } = NobodyAsked.Instance;

    /// <summary>Offset of this process' start record; known before the first datagram.</summary>
    public long Epoch { get; set; }

    /// <summary>When those are to come again who cannot be served now.</summary>
    public ComeAgain ComeAgain => field ??= new ComeAgain(Clock, Random);

    public Timetable Timetable { get; } = new();
    public TransmissionParameters Transmission { get; } = TransmissionParameters.Standard;

    /// <summary>Sends a datagram: the one way out.</summary>
    public void Send(in Peer peer, ReadOnlySpan<byte> datagram)
    {
        Outlet.Send(peer, datagram);
        if (Trail.IsWatching)
            Show(peer, datagram, "sent");
        if (Recorder is { IsOn: true } recorder)
        {
            lock (Gate)
                recorder.Sent(this, peer, datagram);
        }
    }

    /// <summary>Logs a datagram of an endpoint that is watched.</summary>
    /// <param name="did">"received" or "sent".</param>
    public void Show(in Peer peer, ReadOnlySpan<byte> datagram, string did)
    {
        lock (Gate)
        {
            if (Sessions.ByPeer(peer) is { } session && Trail.IsWatched(session.Endpoint) && CoapFrame.TryParse(datagram, out var frame) == CoapParseError.None)
                Trail.Tell(session.Endpoint, null, $"{did} {frame.Type} {frame.Code}, message id {frame.MessageId}, {datagram.Length} bytes, {peer}");
        }
    }

    public bool Owns(Session session) => session.Number > 0 && session.Slot == Slot;
}
