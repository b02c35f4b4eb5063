namespace Protocol.Dtls;

/// <summary>Where a session stands in its two rows of sequence numbers (RFC 6347 section 4.1), each of 48 bits.</summary>
/// <param name="Send">The next number of a record to the peer.</param>
/// <param name="Receive">One more than the newest number that was taken from the peer.</param>
/// <param name="Seen">Which of the 64 before that were taken: bit n is <c>Receive - 1 - n</c>.</param>
public readonly record struct RecordNumbers(ulong Send, ulong Receive, ulong Seen)
{
    /// <summary>One more than the last number.</summary>
    public const ulong End = 1UL << 48;

    public bool IsValid => Send <= End && Receive <= End;

    /// <summary>What a process reserves before it goes on from here.</summary>
    public RecordNumbers Reserved => After(Reservation.SendBlock, Reservation.LeastReceiveBlock);

    /// <summary>So many further on, with none of those between to be used or taken.</summary>
    internal RecordNumbers After(ulong sent, ulong received) => new(Math.Min(End, Send + sent), Math.Min(End, Receive + received), ulong.MaxValue);
}
