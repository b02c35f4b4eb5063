using System.Text;
using Contracts;
using Ingress.Journal;
using Ingress.Messages;
using Ingress.Observations;
using Ingress.Operations;
using Ingress.Sends;
using Ingress.Sockets;

namespace Ingress.Registrations;

/// <summary>
/// What is known of one endpoint: the session record that counts, and, where this replica owns it, what is going on with the device.
/// Belongs to <see cref="SessionTable"/>; only a record that was read back from the log changes the upper half.
/// </summary>
sealed class Session(string endpoint) : ITimed
{
    byte[]? _key;
    byte[]? _eventContext;
    SendScope? _sendScope;
    int _toldSlot;

    public string Endpoint { get; } = endpoint;

    /// <summary>The endpoint as a Kafka key. Made when it is needed; most devices are idle most of the time, or another replica's.</summary>
    public byte[] Key => _key ??= Encoding.UTF8.GetBytes(Endpoint);

    /// <summary>Number of the record that counts; 0 = there is none yet.</summary>
    public ulong Number { get; set; }
    public ulong Writer { get; set; }
    public int Slot { get; set; }
    public bool IsLive { get; set; }
    public ulong RegistrationId { get; set; }
    public Peer Peer { get; set; }

    /// <summary>The record itself, as it lies in the log. It is read when a message changes it, which is seldom.</summary>
    public byte[] Record { get; private set; } = [];

    /// <summary>ms; what a Register or Update asked for, clamped.</summary>
    public long Lifetime { get; set; }

    /// <summary>The fields that all events of this registration share, encoded. Made with the first notification after a change of the record.</summary>
    public byte[] EventContext => _eventContext ??= UplinkRecords.Context(ToRecord());

    /// <summary>What this registration lets the device Send. Made with the first Send after a change of the record.</summary>
    public SendScope SendScope => _sendScope ??= new SendScope(ToRecord());

    public ObservedPath[] Observed { get; set; } = [];

    /// <summary>The number that the registration record must bear: of the last record that changed what it says.</summary>
    public ulong RegistrationNumber { get; set; }

    /// <summary>The device sleeps between its messages.</summary>
    public bool IsQueueMode { get; set; }

    // From here on: not in the log.

    /// <summary>ms of the monotonic clock: the last message of the device.</summary>
    public long LastHeard { get; set; }

    /// <summary>ms of the monotonic clock: the last refresh of the lifetime that stands in the log; of a registration that is gone, its end.</summary>
    public long RefreshWritten { get; set; }

    /// <summary>ms of the monotonic clock: the authenticator admitted the device until then.</summary>
    public long AdmittedUntil { get; set; } = long.MaxValue;

    /// <summary>ms of the monotonic clock: when it is asked again what the device may do.</summary>
    public long ReviewAt { get; set; } = long.MaxValue;

    /// <summary>Counts the events of this registration.</summary>
    public ulong Sequence { get; set; }

    /// <summary>Message id of the next message to the device.</summary>
    public ushort NextMessageId { get; set; }

    /// <summary>What is owed by the record that counts has been announced, by this process or another.</summary>
    public bool OwedIsAnnounced { get; set; }

    /// <summary>Number that the last registration record of the log bears; 0: there is none.</summary>
    public ulong ToldNumber { get; private set; }

    /// <summary>Where that record stands.</summary>
    public long ToldOffset { get; private set; } = -1;

    /// <summary>The registrations topic ends with what is to be said of the record that counts. Of a registration that is gone it may say nothing.</summary>
    public bool IsAnnounced => ToldNumber == RegistrationNumber ? _toldSlot == Slot : ToldNumber == 0 && ToldOffset >= 0 && !IsLive;

    /// <summary>The sessions topic ends, for this endpoint, with a record that does not count: the owner is to write a newer one.</summary>
    public bool IsCovered { get; set; }

    /// <summary>An operator wants this registration to end.</summary>
    public bool IsKicked { get; set; }

    /// <summary>The one change of the record that is under way.</summary>
    public SessionJob? Job { get; set; }

    /// <summary>Messages that came while a job was under way. Null where there are none.</summary>
    public Queue<HeldMessage>? Held { get; set; }

    /// <summary>Commands for the device. Null where there are none.</summary>
    public OperationQueue? Operations { get; set; }

    /// <summary>Notifications that came in blocks, by path. Null where there are none.</summary>
    public Dictionary<string, NotifiedBody>? Bodies { get; set; }

    public int Place { get; set; }

    public long ExpiresAt => Math.Min(LastHeard + Lifetime, AdmittedUntil);

    /// <summary>Takes the record that counts, and lets go what was made of the one before.</summary>
    public void Take(byte[] record)
    {
        Record = record;
        _key = null;
        _eventContext = null;
        _sendScope = null;
    }

    /// <summary>The last registration record of the log. It is written behind all that is owed.</summary>
    public void Tell(ulong number, int slot, long offset)
    {
        (ToldNumber, _toldSlot, ToldOffset) = (number, slot, offset);
        OwedIsAnnounced |= number >= RegistrationNumber;
    }

    /// <summary>The record that counts, to make the next one from.</summary>
    public SessionRecord ToRecord() => SessionRecord.Parser.ParseFrom(Record);
}
