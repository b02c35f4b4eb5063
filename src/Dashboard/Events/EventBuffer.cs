using System.Threading.Channels;
using Messaging;

namespace Dashboard.Events;

/// <summary>
/// What waits to be written to one stream: bounded in number and bytes. Who finds no room within its patience ends the buffer: the
/// reader is too slow. One reader, one writer.
/// </summary>
sealed class EventBuffer : IDisposable
{
    public const int MostEvents = 1000;

    public const long MostBytes = 4 * 1024 * 1024;

    readonly object _room = new();
    readonly Channel<LogRecord> _waiting = Channel.CreateUnbounded<LogRecord>(new UnboundedChannelOptions { SingleReader = true });
    readonly CancellationTokenSource _cut = new();
    int _events;
    long _bytes;

    public ChannelReader<LogRecord> Reader => _waiting.Reader;

    /// <summary>Cancelled when the reader was too slow.</summary>
    public CancellationToken Cut => _cut.Token;

    /// <summary>False: there was no room, and there will be no more.</summary>
    public bool TryPut(in LogRecord record, TimeSpan patience)
    {
        var size = SizeOf(record);
        lock (_room)
        {
            if (_cut.IsCancellationRequested)
                return false;
            while (_events >= MostEvents || (_events > 0 && _bytes + size > MostBytes))
            {
                if (patience == TimeSpan.Zero || !Monitor.Wait(_room, patience))
                {
                    // Elsewhere: what ends with it is not for the thread that reads the log.
                    _ = _cut.CancelAsync();
                    return false;
                }
            }

            _events++;
            _bytes += size;
        }

        return _waiting.Writer.TryWrite(record);
    }

    /// <summary>The reader has taken it.</summary>
    public void Taken(in LogRecord record)
    {
        lock (_room)
        {
            _events--;
            _bytes -= SizeOf(record);
            Monitor.Pulse(_room);
        }
    }

    /// <summary>Nobody reads any more: a writer that waits for room goes on.</summary>
    public void Close()
    {
        lock (_room)
        {
            _waiting.Writer.TryComplete();
            (_events, _bytes) = (0, 0);
            Monitor.PulseAll(_room);
        }
    }

    public void Dispose() => _cut.Dispose();

    static int SizeOf(in LogRecord record) => (record.Value?.Length ?? 0) + record.Key.Length + 200;
}
