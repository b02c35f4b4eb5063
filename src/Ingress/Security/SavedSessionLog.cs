using Messaging;

namespace Ingress.Security;

/// <summary>
/// What the partition of a slot says of its sessions. The one place where it is decided which record counts: that of whoever has claimed the
/// partition last. A claim is a fence, a record whose offset is the name of its writer; what an earlier writer still writes behind it is void,
/// for every reader alike. So a process knows that its record counts by reading it back, and the fences stay where they are while compaction
/// takes what is between them. Read by one thread.
/// </summary>
sealed class SavedSessionLog(CredentialKeys keys, int most)
{
    readonly Dictionary<SavedSessionKey, SavedSession?> _found = [];
    readonly Queue<byte[]> _fences = [];
    long _fence = -1;
    long _own = long.MaxValue;

    /// <summary>This process has claimed the partition with the record at that offset. Before anything is read.</summary>
    public long Own
    {
        get => _own;
        set => _own = value;
    }

    /// <summary>All that stood before our own fence was read.</summary>
    public bool HasReadOwn => _fence >= _own;

    /// <summary>Somebody has claimed the partition after us: what we write is void.</summary>
    public bool IsFenced => _fence > _own;

    /// <summary>Newest of each session before our fence; null where that could not be read. To be taken once that has been read.</summary>
    public IReadOnlyDictionary<SavedSessionKey, SavedSession?> Found => _found;

    /// <summary>Sessions beyond those that are kept.</summary>
    public int TooMany { get; private set; }

    /// <summary>Keys of fences, the oldest first.</summary>
    public Queue<byte[]> Fences => _fences;

    /// <summary>Gives what is in force by it: a record of ours that counts. Null for all else.</summary>
    public SavedSession? Read(in LogRecord record)
    {
        if (SavedSessionKey.IsFence(record.Key))
            ReadFence(record);
        else if (!SavedSessionKey.TryRead(record.Key, out var key))
            return null;
        else if (record.Value is null)
            Forget(key);
        else if (SavedSessionRecord.TryRead(record.Key, record.Value, keys, out var session, out _))
            return Judge(key, session);
        else if (!HasReadOwn)
            // It may have said greater numbers than the one before, which must not count for that.
            Keep(key, null);
        return null;
    }

    /// <summary>What was found is not needed any more.</summary>
    public void Clear() => _found.Clear();

    void ReadFence(in LogRecord record)
    {
        if (record.Value is null)
            return;
        _fence = Math.Max(_fence, record.Offset);
        if (record.Offset < _own)
            _fences.Enqueue(record.Key);
    }

    void Forget(SavedSessionKey key)
    {
        if (!HasReadOwn)
            _found.Remove(key);
    }

    SavedSession? Judge(SavedSessionKey key, SavedSession session)
    {
        if (HasReadOwn)
            return session.Writer == _own && !IsFenced ? session : null;
        // Void, and a copy of an old one, which says less than was used since.
        if (session.Writer < _fence || (_found.GetValueOrDefault(key) is { } known && known.Writer == session.Writer && known.Revision >= session.Revision))
            return null;
        Keep(key, session);
        return null;
    }

    void Keep(SavedSessionKey key, SavedSession? session)
    {
        if (_found.Count < most || _found.ContainsKey(key))
            _found[key] = session;
        else
            TooMany++;
    }
}
