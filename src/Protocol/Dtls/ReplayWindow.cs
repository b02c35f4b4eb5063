namespace Protocol.Dtls;

/// <summary>Which of the newest 64 records have been opened (RFC 6347 section 4.1.2.6). What is older counts as seen.</summary>
struct ReplayWindow
{
    const int Size = 64;

    ulong _next;
    ulong _seen;

    /// <param name="next">One more than the newest that was opened.</param>
    /// <param name="seen">Which of those before it: bit n is <c>next - 1 - n</c>.</param>
    public ReplayWindow(ulong next, ulong seen) => (_next, _seen) = (next, seen);

    public readonly ulong Next => _next;

    public readonly ulong Seen => _seen;

    public readonly bool IsNew(ulong sequence)
    {
        if (sequence >= _next)
            return true;
        var age = _next - 1 - sequence;
        return age < Size && ((_seen >> (int)age) & 1) == 0;
    }

    /// <summary>Only of a record that is authentic, or a forger shuts out what follows. True where it is newer than all before.</summary>
    public bool Add(ulong sequence)
    {
        if (sequence < _next)
        {
            _seen |= 1UL << (int)(_next - 1 - sequence);
            return false;
        }

        var shift = sequence - _next + 1;
        _seen = shift < Size ? (_seen << (int)shift) | 1 : 1;
        _next = sequence + 1;
        return true;
    }
}
