using Ingress.Messages;
using Ingress.Registrations;
using Ingress.Security;
using Ingress.Sockets;
using Messaging;

namespace Ingress.Observations;

/// <summary>
/// Devices that go to another address. Those that have proven who they are, are followed; of others a notification with a token that we gave out
/// may come from elsewhere, where that is allowed.
/// </summary>
sealed class Roaming(Node node, MessageLayer messages, SessionWork work, SessionRecords records)
{
    const string WithoutSecurity = "udp:";

    // Those whose record was being changed when they moved.
    readonly Dictionary<Session, Peer> _waiting = [];

    /// <summary>The device is elsewhere now: what is sent to it goes there once its record says so.</summary>
    public void Move(Session session, in Peer to)
    {
        if (!session.IsLive || !node.Owns(session))
            return;
        if (session.Job is not null)
            _waiting[session] = to;
        else if (!session.Peer.Equals(to) && TryMove(session, to))
            node.Telemetry.Followed.Add(1);
    }

    /// <summary>Nothing changes the record of a session any more, perhaps.</summary>
    public void OnIdle(Session session)
    {
        if (session.Job is null && _waiting.Count > 0 && _waiting.Remove(session, out var to))
            Move(session, to);
    }

    /// <summary>Follows the sender of a notification, where that is allowed: the message is processed once the address counts. Else silence.</summary>
    public void Follow(Session session, in Message message)
    {
        var requester = message.Requester;
        if (!MayFollow(session, requester.Peer))
        {
            // Anybody could speak for the device. It will update its registration, or be told that it has none.
            node.Telemetry.FromElsewhere.Add(1);
            messages.Forget(requester);
            return;
        }

        if (session.Job is null)
        {
            if (!TryMove(session, requester.Peer))
            {
                node.Telemetry.NotTaken.Add(1);
                messages.Forget(requester);
                return;
            }

            node.Telemetry.Followed.Add(1);
        }

        work.Holds(session, message);
    }

    bool TryMove(Session session, in Peer to) => work.TryStart(session, records.Moved(session, to), changesRegistration: true) == AppendStatus.Handed;

    bool MayFollow(Session session, in Peer to) =>
        to.Proof != 0
            ? node.MaySpeakFor(to, session.Endpoint, session)
            : node.Configuration().Ingress.Roaming && IsWithoutSecurity(session.Peer) && IsWithoutSecurity(to);

    // A listener that this process does not have is another replica's, configured alike.
    bool IsWithoutSecurity(in Peer peer) =>
        peer.Listener >= node.Listeners.Count || node.Listeners[peer.Listener].StartsWith(WithoutSecurity, StringComparison.Ordinal);
}
