namespace Protocol.Coap;

/// <summary>
/// Back-off of one confirmable message (RFC 7252 section 4.2): a first timeout between ACK_TIMEOUT and ACK_TIMEOUT * ACK_RANDOM_FACTOR,
/// doubled at each retransmission. Times are milliseconds of a monotonic clock. A mutable value: keep it in a field.
/// </summary>
public struct Retransmission
{
    readonly int _maxRetransmit;
    long _timeout;

    /// <summary>The message leaves now for the first time.</summary>
    public Retransmission(long now, Random random, TransmissionParameters parameters)
    {
        var spread = parameters.AckTimeout * (parameters.AckRandomFactor - 1);
        _timeout = parameters.AckTimeout + (long)(random.NextDouble() * spread);
        _maxRetransmit = parameters.MaxRetransmit;
        NextDeadline = now + _timeout;
    }

    /// <summary>When <see cref="OnTimeout"/> has something to say.</summary>
    public long NextDeadline { get; private set; }

    /// <summary>Retransmissions so far.</summary>
    public int Count { get; private set; }

    /// <summary>May be asked at any time; counts the next timeout from now, so that a late timer does not send twice in a row.</summary>
    public RetransmissionStep OnTimeout(long now)
    {
        if (now < NextDeadline)
            return RetransmissionStep.Wait;
        if (Count >= _maxRetransmit)
            return RetransmissionStep.GiveUp;

        Count++;
        _timeout *= 2;
        NextDeadline = now + _timeout;
        return RetransmissionStep.Retransmit;
    }
}
