using System.Text;
using Contracts;
using Ingress.Registrations;

namespace Ingress.Journal;

/// <summary>
/// What the registrations topic says last of each endpoint. From it a replica knows that what a session record owed has been announced, whoever
/// did it, because the registration record is written behind that; and that its own was covered by a late one of a process before it.
/// </summary>
sealed class RegistrationLog
{
    readonly SessionTable _table;
    readonly IngressTelemetry _telemetry;

    // Of endpoints whose session has not been read yet: the two topics are read side by side.
    readonly Dictionary<string, (ulong Number, int Slot, long Offset)> _early = [];

    public RegistrationLog(SessionTable table, SessionLog sessions, IngressTelemetry telemetry)
    {
        (_table, _telemetry) = (table, telemetry);
        sessions.Counted += (session, _, _) => OnCounted(session);
    }

    /// <summary>The registration record of a session was told: what is owed was told before.</summary>
    public event Action<Session>? Told;

    /// <summary>Takes the next record of the registrations topic; of one key they come in order.</summary>
    public void Read(byte[] key, byte[]? value, long offset)
    {
        var endpoint = Encoding.UTF8.GetString(key);
        RegistrationRecord? record = null;
        if (value is not null && !RegistrationRecord.TryParse(value, out record))
        {
            _telemetry.UnreadableRegistrations.Add(1);
            return;
        }

        if (_table.ByEndpoint(endpoint) is { Number: > 0 } session)
            Take(session, record?.Number ?? 0, record?.Slot ?? -1, offset);
        else if (record is null)
            _early.Remove(endpoint);
        else
            _early[endpoint] = (record.Number, record.Slot, offset);
    }

    void OnCounted(Session session)
    {
        if (_early.Count > 0 && _early.Remove(session.Endpoint, out var told))
            Take(session, told.Number, told.Slot, told.Offset);
        else if (session.ToldNumber >= session.RegistrationNumber)
            session.OwedIsAnnounced = true;
    }

    void Take(Session session, ulong number, int slot, long offset)
    {
        // What this process was told by Kafka's acknowledgement may be newer than what is read.
        if (offset <= session.ToldOffset)
            return;
        session.Tell(number, slot, offset);
        Told?.Invoke(session);
    }
}
