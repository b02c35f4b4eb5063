namespace Protocol.Dtls;

/// <summary>
/// The sequence numbers that a session may use while it is written down, so that a process that finds nothing but what was written goes on
/// without using one twice. Belongs to its session, under whose lock it is used.
/// <para>
/// Invariant: every record of the session that a successor may ever go on from says numbers greater than all that were sent with, and greater
/// than all that were taken. So
/// (1) what is written is ahead of what is used, by a block;
/// (2) numbers at or above those of the newest record that is in force - it stands in the log, and nobody had claimed the slot before it - are
/// neither sent with nor taken;
/// (3) the first record counts from the moment at which it is planned: nothing tells when it stands in the log;
/// (4) what is planned and not in force grants nothing, whatever becomes of it;
/// (5) only the last record, written after the session has ended here, may say less: exactly where it stood.
/// (6) the successor sends with and takes only what is at or above the numbers of the record that it goes on from, and that only after a record
/// of its own, with greater ones, is in force.
/// Two processes with one session thus have different numbers, even where the older one does not know yet that it is.
/// </para>
/// </summary>
sealed class Reservation
{
    /// <summary>Numbers of our own are plenty, and skipping them costs nothing.</summary>
    public const ulong SendBlock = 1024;

    /// <summary>
    /// After a crash a device that speaks seldom is not heard for as many records at most: fewer than those of one confirmable message, which is
    /// sent five times (RFC 7252 section 4.2), so that it is heard before the device gives up and makes another handshake.
    /// </summary>
    public const ulong LeastReceiveBlock = 4;

    /// <summary>Of one that speaks much: it is through with them as quickly.</summary>
    public const ulong MostReceiveBlock = 1024;

    RecordNumbers? _limit;
    RecordNumbers? _planned;
    ulong _receiveBlock = LeastReceiveBlock;
    long _plannedAt;

    /// <summary>Of a session that is not written down yet: all numbers are free.</summary>
    public Reservation()
    {
    }

    /// <param name="limit">In force.</param>
    public Reservation(RecordNumbers limit) => _limit = limit;

    /// <summary>A record of it may stand in the log.</summary>
    public bool IsWritten => _limit is not null;

    /// <summary>Whether a record was planned that is not known to be in force.</summary>
    public bool IsPlanned => _planned is not null;

    public bool MaySend(ulong sequence) => _limit is not { } limit || sequence < limit.Send;

    public bool MayTake(ulong sequence) => _limit is not { } limit || sequence < limit.Receive;

    /// <summary>It is time to write further ones: half of a block is used up.</summary>
    public bool IsLow(RecordNumbers now) =>
        _limit is not { } limit
        || (limit.Send < RecordNumbers.End && now.Send + (SendBlock / 2) >= limit.Send)
        || (limit.Receive < RecordNumbers.End && now.Receive + (_receiveBlock / 2) >= limit.Receive);

    /// <summary>What is to be written. Where one before is not in force yet, this takes its place.</summary>
    /// <param name="now">Where the session stands.</param>
    /// <param name="second">The clock's timestamps of one second: who is through with a block sooner gets one of twice the size.</param>
    /// <param name="timestamp">In the clock's timestamps.</param>
    public RecordNumbers Plan(RecordNumbers now, long second, long timestamp)
    {
        if (_planned is null && _limit is not null && _plannedAt != 0)
            _receiveBlock = timestamp - _plannedAt < second ? Math.Min(MostReceiveBlock, _receiveBlock * 2) : Math.Max(LeastReceiveBlock, _receiveBlock / 2);
        _plannedAt = timestamp;
        var planned = now.After(SendBlock, _receiveBlock);
        // Never less than a record before has said: whoever reads finds the greatest last.
        if ((_planned ?? _limit) is { } before)
            planned = planned with { Send = Math.Max(planned.Send, before.Send), Receive = Math.Max(planned.Receive, before.Receive) };
        _planned = planned;
        _limit ??= planned;
        return planned;
    }

    /// <summary>A record with these numbers is in force.</summary>
    public void Grant(RecordNumbers numbers)
    {
        if (_limit is { } limit)
            _limit = numbers with { Send = Math.Max(numbers.Send, limit.Send), Receive = Math.Max(numbers.Receive, limit.Receive) };
        if (_planned is { } planned && planned.Send <= numbers.Send && planned.Receive <= numbers.Receive)
            _planned = null;
    }
}
