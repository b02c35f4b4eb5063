using System.Globalization;
using Contracts;
using Ingress.Registrations;
using Ingress.Sockets;

namespace Ingress.Journal;

/// <summary>Makes the public registration record of a session record.</summary>
static class RegistrationRecords
{
    public static RegistrationRecord Of(SessionRecord session) => new()
    {
        Endpoint = session.Endpoint,
        RegistrationId = Identifiers.ToText(session.RegistrationId),
        Number = session.RegistrationNumber,
        Slot = (int)session.Slot,
        Epoch = (long)session.Epoch,
        State = session.Live ? "live" : "gone",
        Peer = Peer.TryRead(session.Peer.Span, 0, out var peer) ? peer.ToString() : "",
        Lifetime = session.Lifetime,
        RegisteredAt = session.RegisteredMs,
        UpdatedAt = session.RefreshedMs,
        Lwm2mVersion = session.Lwm2MVersion.Length == 0 ? "1.0" : session.Lwm2MVersion,
        Binding = session.Binding,
        QueueMode = session.QueueMode,
        AlternatePath = session.AlternatePath,
        Objects = session.Registration?.ObjectList ?? [],
        Versions = session.Versions.ToDictionary(v => v.ObjectId.ToString(CultureInfo.InvariantCulture), v => v.Version),
        RequestedLifetime = session.Registration is { LifetimeSent: true } said ? said.Lifetime : null,
        Observations = [.. ObservationRecords.Wanted(session.Observations)],
        Formats = [.. (session.Registration?.Formats ?? []).Select(f => (ushort)f)],
        Denied = session.Denied,
        Client = RegisteredClient.From(session.Client ?? new ClientIdentity()),
    };
}
