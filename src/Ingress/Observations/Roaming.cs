using Ingress.Messages;
using Ingress.Registrations;
using Ingress.Sockets;
using Messaging;

namespace Ingress.Observations;

/// <summary>Notifications from another address than the device's: with a token that we gave out, but without security.</summary>
sealed class Roaming(Node node, MessageLayer messages, SessionWork work, SessionRecords records)
{
    const string WithoutSecurity = "udp:";

    /// <summary>Follows the device to its new address, where that is allowed: the message is processed once the address counts. Else silence.</summary>
    public void Follow(Session session, in Message message)
    {
        var requester = message.Requester;
        if (!node.Configuration().Ingress.Roaming || !IsWithoutSecurity(session.Peer) || !IsWithoutSecurity(requester.Peer))
        {
            // Anybody could speak for the device. It will update its registration, or be told that it has none.
            node.Telemetry.FromElsewhere.Add(1);
            messages.Forget(requester);
            return;
        }

        if (session.Job is null)
        {
            if (work.TryStart(session, records.Moved(session, requester.Peer), changesRegistration: true) != AppendStatus.Handed)
            {
                node.Telemetry.NotTaken.Add(1);
                messages.Forget(requester);
                return;
            }

            node.Telemetry.Followed.Add(1);
        }

        work.Holds(session, message);
    }

    // A listener that this process does not have is another replica's, configured alike.
    bool IsWithoutSecurity(in Peer peer) =>
        peer.Listener >= node.Listeners.Count || node.Listeners[peer.Listener].StartsWith(WithoutSecurity, StringComparison.Ordinal);
}
