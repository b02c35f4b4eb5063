using System.Runtime.InteropServices;

namespace Messaging;

/// <summary>
/// The unread bytes of one partition. Sizes are kept by stretch of the log, not by record: a stretch counts until it has been read to its
/// end.
/// </summary>
internal sealed class UnreadPartition(int limit)
{
    private readonly int _stretchBytes = limit / 64;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _readers = [];
    private readonly Queue<Stretch> _full = new();
    private Stretch _open;
    private long _inFlight;
    private long _written; // in _full and _open

    public bool TryReserve(int bytes)
    {
        lock (_gate)
        {
            // A record that finds nothing unread is always taken: it pushes out only what has been read.
            var unread = _written + _inFlight;
            if (_readers.Count > 0 && unread > 0 && unread + bytes > limit)
            {
                return false;
            }

            _inFlight += bytes;
            return true;
        }
    }

    public void Failed(int bytes)
    {
        lock (_gate)
        {
            _inFlight -= bytes;
        }
    }

    public void Written(long offset, int bytes)
    {
        lock (_gate)
        {
            _inFlight -= bytes;
            _written += bytes;
            _open = new Stretch(Math.Max(_open.End, offset + 1), _open.Bytes + bytes);
            if (_open.Bytes >= _stretchBytes)
            {
                _full.Enqueue(_open);
                _open = default;
            }

            Release();
        }
    }

    public void Join(string reader, long offset)
    {
        lock (_gate)
        {
            _readers.TryAdd(reader, offset);
            Release();
        }
    }

    public void Leave(string reader)
    {
        lock (_gate)
        {
            _readers.Remove(reader);
            Release();
        }
    }

    public void Handled(string reader, long offset)
    {
        lock (_gate)
        {
            ref var position = ref CollectionsMarshal.GetValueRefOrNullRef(_readers, reader);
            if (System.Runtime.CompilerServices.Unsafe.IsNullRef(ref position))
            {
                return;
            }

            position = offset;
            Release();
        }
    }

    private void Release()
    {
        var read = long.MaxValue;
        foreach (var position in _readers.Values)
        {
            read = Math.Min(read, position);
        }

        while (_full.TryPeek(out var oldest) && (oldest.End <= read && _readers.Count > 0 || _readers.Count == 0 && _written > limit))
        {
            _written -= _full.Dequeue().Bytes;
        }

        if (_full.Count == 0 && _readers.Count > 0 && _open.End <= read)
        {
            _written -= _open.Bytes;
            _open = default;
        }
    }

    /// <summary>Records up to an offset, and their bytes.</summary>
    private readonly record struct Stretch(long End, int Bytes);
}
