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

    /// <summary>A record was void: the log now ends, for this key, with a record that does not count.</summary>
    public event Action<Session, SessionRecord>? Voided;

    /// <summary>A tombstone covers a session that is live: whoever reads the log compacted would not find it.</summary>
    public event Action<Session>? Covered;

    /// <summary>Takes the next record of the sessions topic.</summary>
    public void Read(byte[] key, byte[]? value)
    {
        if (value is null)
        {
            var session = table.ByEndpoint(Encoding.UTF8.GetString(key));
            if (session is { IsLive: false, Job: null })
                table.Remove(session);
            else if (session is { IsLive: true })
                Covered?.Invoke(session);
            return;
        }

        if (!TryParse(value, out var record))
        {
            telemetry.UnreadableSessions.Add(1);
            return;
        }

        var known = table.GetOrAdd(record.Endpoint);
        switch (Judge(known, record))
        {
            case Verdict.Counts:
                Counted?.Invoke(known, record, table.Apply(known, record, value));
                break;
            case Verdict.Void:
                telemetry.VoidSessions.Add(1);
                Voided?.Invoke(known, record);
                break;
        }
    }

    static Verdict Judge(Session session, SessionRecord record)
    {
        if (session.Number == 0 || record.Number == session.Number + 1)
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
