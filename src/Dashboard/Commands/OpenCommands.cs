using System.Text;
using Contracts;
using Google.Protobuf;

namespace Dashboard.Commands;

/// <summary>
/// The operations topic, folded to what is open. The Translator bounds how many those are; beyond a bound of its own this table leaves
/// commands out and says so in <see cref="LeftOut"/>. Thread-safe.
/// </summary>
sealed class OpenCommands
{
    const int Most = 500_000;

    readonly Lock _gate = new();
    readonly Dictionary<string, List<OpenCommand>> _byEndpoint = [];
    int _count;
    long _leftOut;

    public int Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    public long LeftOut => Interlocked.Read(ref _leftOut);

    /// <summary>
    /// Enters a record of the log: key is endpoint, NUL, command id; a null value is a tombstone. Gives the command where it is a new one.
    /// </summary>
    /// <exception cref="InvalidProtocolBufferException">The value is none.</exception>
    public (string Endpoint, OpenCommand Command)? Fold(byte[] key, byte[]? value)
    {
        var end = Array.IndexOf(key, (byte)0);
        if (end <= 0)
            return null;
        var endpoint = Encoding.UTF8.GetString(key.AsSpan(0, end));
        var id = Encoding.UTF8.GetString(key.AsSpan(end + 1));
        var record = value is null ? null : OperationRecord.Parser.ParseFrom(value);
        if (record is not { State: OperationState.Accepted, Operation: { } operation })
        {
            Close(endpoint, id);
            return null;
        }

        var command = new OpenCommand(
            id, operation.Command?.MsgType ?? "", PathOf(operation), record.AcceptedMs, operation.DeadlineMs, operation.Priority, operation.Automatic);
        return Open(endpoint, command) ? (endpoint, command) : null;
    }

    public int CountOf(string endpoint)
    {
        lock (_gate)
            return _byEndpoint.TryGetValue(endpoint, out var open) ? open.Count : 0;
    }

    /// <summary>In the order in which they were accepted.</summary>
    public IReadOnlyList<OpenCommand> Of(string endpoint)
    {
        lock (_gate)
            return _byEndpoint.TryGetValue(endpoint, out var open) ? [.. open] : [];
    }

    /// <summary>The device has acknowledged a command: the one whose <see cref="EventId"/> of acknowledgement that is.</summary>
    public void Acknowledged(string endpoint, string eventId)
    {
        lock (_gate)
        {
            if (_byEndpoint.TryGetValue(endpoint, out var open) && open.Find(c => AcknowledgementOf(c.Id) == eventId) is { } command)
                command.Acknowledged = true;
        }
    }

    static string AcknowledgementOf(string id) => EventId.Of(Encoding.UTF8.GetBytes("acknowledged\0" + id)).ToString();

    bool Open(string endpoint, OpenCommand command)
    {
        lock (_gate)
        {
            if (_count >= Most)
            {
                Interlocked.Increment(ref _leftOut);
                return false;
            }

            if (!_byEndpoint.TryGetValue(endpoint, out var open))
                _byEndpoint.Add(endpoint, open = new List<OpenCommand>(1));
            if (open.Exists(c => c.Id == command.Id))
                return false;
            open.Add(command);
            _count++;
            return true;
        }
    }

    void Close(string endpoint, string id)
    {
        lock (_gate)
        {
            if (!_byEndpoint.TryGetValue(endpoint, out var open) || open.RemoveAll(c => c.Id == id) == 0)
                return;
            _count--;
            if (open.Count == 0)
                _byEndpoint.Remove(endpoint);
        }
    }

    static string PathOf(DownlinkOperation operation) =>
        operation.Command is { ReqPath.Length: > 0 } command ? command.ReqPath : operation.Path;
}
