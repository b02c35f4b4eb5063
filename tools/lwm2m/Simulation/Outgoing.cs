using Protocol.Coap;

namespace Tools.Simulation;

/// <summary>The one confirmable message of a device that may be outstanding (NSTART = 1, RFC 7252 section 4.7).</summary>
sealed class Outgoing
{
    readonly byte[] _datagram;
    Retransmission _retransmission;

    /// <summary>A request, which is over when its response is there.</summary>
    public Outgoing(byte[] datagram, RequestExchange exchange)
    {
        _datagram = datagram;
        Exchange = exchange;
    }

    /// <summary>A notification or separate response, which is over when it is acknowledged.</summary>
    public Outgoing(byte[] datagram, Retransmission retransmission, Observation? observation)
    {
        _datagram = datagram;
        _retransmission = retransmission;
        Observation = observation;
        MessageId = (ushort)(datagram[2] << 8 | datagram[3]);
    }

    public ReadOnlySpan<byte> Datagram => _datagram;

    public RequestExchange? Exchange { get; }

    /// <summary>A Send, not a request of the registration interface.</summary>
    public bool IsSend { get; init; }

    public Observation? Observation { get; }

    /// <summary>Of a notification or separate response.</summary>
    public ushort? MessageId { get; }

    public long NextDeadline => Exchange?.NextDeadline ?? _retransmission.NextDeadline;

    /// <summary>Retransmit, or TimedOut, or Ignore while nothing is due.</summary>
    public ExchangeStep OnTimeout(long now)
    {
        if (Exchange is not null)
            return Exchange.OnTimeout(now);
        return _retransmission.OnTimeout(now) switch
        {
            RetransmissionStep.Retransmit => ExchangeStep.Retransmit,
            RetransmissionStep.GiveUp => ExchangeStep.TimedOut,
            _ => ExchangeStep.Ignore,
        };
    }
}
