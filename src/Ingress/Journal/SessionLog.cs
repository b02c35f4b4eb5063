using System.Text;
using Contracts;
using Google.Protobuf;
using Ingress.Registrations;

namespace Ingress.Journal;

/// <summary>
/// The one place where it is decided whether a session record counts. Records are numbered: the first with the next number counts, any other
/// is void, whoever wrote it. All that this process knows of sessions comes through here, its own writes too.
/// </summary>
sealed class SessionLog(SessionTable table, IngressTelemetry telemetry)
{
    /// <summary>A record was put in force; true: it begins a new registration.</summary>
    public event Action<Session, SessionRecord, bool>? Counted;

    /// <summary>A record (null: a tombstone) was void: the log now ends, for this key, with what does not count.</summary>
    public event Action<Session, SessionRecord?>? Voided;

    /// <summary>Takes the next record of the sessions topic.</summary>
    public void Read(byte[] key, byte[]? value)
    {
        if (value is null)
        {
            if (table.ByEndpoint(Encoding.UTF8.GetString(key)) is { Number: > 0 } forgotten)
                Forget(forgotten);
            return;
        }

        if (!TryParse(value, out var record))
        {
            telemetry.UnreadableSessions.Add(1);
            return;
        }

        var session = table.GetOrAdd(record.Endpoint);
        switch (Judge(session, record))
        {
            case Verdict.Counts:
                Counted?.Invoke(session, record, table.Apply(session, record, value));
                break;
            case Verdict.Repeats:
                session.IsCovered = false;
                break;
            case Verdict.Void:
                session.IsCovered = true;
                telemetry.VoidSessions.Add(1);
                Voided?.Invoke(session, record);
                break;
        }
    }

    // A tombstone ends what is gone, and begins the numbers anew for every reader alike. Over a registration that lives it is void.
    void Forget(Session session)
    {
        if (session.IsLive)
        {
            session.IsCovered = true;
            Voided?.Invoke(session, null);
        }
        else if (session.Job is null)
        {
            table.Remove(session);
        }
        else
        {
            table.Empty(session);
        }
    }

    static Verdict Judge(Session session, SessionRecord record)
    {
        // Numbers do not leap in the log: where one does, compaction took what was between before it was read here.
        if (session.Number == 0 || record.Number > session.Number)
            return Verdict.Counts;
        return record.Number == session.Number && record.Writer == session.Writer ? Verdict.Repeats : Verdict.Void;
    }

    static bool TryParse(byte[] value, out SessionRecord record)
    {
        try
        {
            record = SessionRecord.Parser.ParseFrom(value);
            return record.Endpoint.Length > 0;
        }
        catch (InvalidProtocolBufferException)
        {
            record = new SessionRecord();
            return false;
        }
    }

    enum Verdict
    {
        Counts,

        /// <summary>The record that counts, written again.</summary>
        Repeats,
        Void,
    }
}
