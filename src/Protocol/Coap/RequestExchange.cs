namespace Protocol.Coap;

/// <summary>
/// Client side of one confirmable request (RFC 7252 sections 4.2, 5.2 and 5.3.2): waits for the acknowledgement, then, if that was empty,
/// for the separate response. Fed by its owner with the messages of that device, after the check of critical options, and with the time
/// in milliseconds of a monotonic clock. Repeated separate responses are the business of <see cref="MessageDeduplication{TPeer}"/>.
/// </summary>
public sealed class RequestExchange
{
    readonly TransmissionParameters _parameters;
    readonly bool _cancelsObservation;
    Retransmission _retransmission;
    long _responseDeadline;
    bool _isOver;

    /// <summary>
    /// The request leaves now. <paramref name="cancelsObservation"/> says that it is a GET or FETCH with Observe 1: it bears the token of
    /// the observation, whose notifications must not be taken for its response (RFC 7641 section 3.6).
    /// </summary>
    public RequestExchange(
        long now, Random random, TransmissionParameters parameters, ushort messageId, CoapToken token, bool cancelsObservation = false)
    {
        _parameters = parameters;
        _cancelsObservation = cancelsObservation;
        _retransmission = new Retransmission(now, random, parameters);
        MessageId = messageId;
        Token = token;
    }

    public ushort MessageId { get; }

    public CoapToken Token { get; }

    /// <summary>An empty acknowledgement came: the device has the request for certain.</summary>
    public bool IsAcknowledged { get; private set; }

    /// <summary>Retransmissions so far.</summary>
    public int Retransmissions => _retransmission.Count;

    /// <summary>When <see cref="OnTimeout"/> has something to say; no more when the exchange is over.</summary>
    public long NextDeadline => _isOver ? long.MaxValue : IsAcknowledged ? _responseDeadline : _retransmission.NextDeadline;

    /// <summary>May be asked at any time.</summary>
    public ExchangeStep OnTimeout(long now)
    {
        if (now < NextDeadline)
            return ExchangeStep.Ignore;
        if (!IsAcknowledged && _retransmission.OnTimeout(now) == RetransmissionStep.Retransmit)
            return ExchangeStep.Retransmit;
        return End(ExchangeStep.TimedOut);
    }

    /// <summary>Takes any message of the device; what is not an answer to this request is ignored.</summary>
    public ExchangeStep OnMessage(long now, in CoapFrame frame)
    {
        if (_isOver)
            return ExchangeStep.Ignore;

        return frame.Type switch
        {
            CoapType.Reset => frame.MessageId == MessageId ? End(ExchangeStep.Reset) : ExchangeStep.Ignore,
            CoapType.Acknowledgement => OnAcknowledgement(now, frame),
            _ => OnSeparateResponse(frame),
        };
    }

    ExchangeStep OnAcknowledgement(long now, in CoapFrame frame)
    {
        if (frame.MessageId != MessageId)
            return ExchangeStep.Ignore;
        if (frame.Code.IsResponse)
            return HasToken(frame) ? End(ExchangeStep.Completed) : ExchangeStep.Ignore;
        if (IsAcknowledged)
            return ExchangeStep.Ignore;

        IsAcknowledged = true;
        _responseDeadline = now + _parameters.MaxTransmitWait;
        return ExchangeStep.Acknowledged;
    }

    // The response may overtake the acknowledgement, or come where that was lost: it stands for it (RFC 7252 section 5.2.2).
    ExchangeStep OnSeparateResponse(in CoapFrame frame)
    {
        if (!frame.Code.IsResponse || !HasToken(frame) || (_cancelsObservation && frame.Observe is not null))
            return ExchangeStep.Ignore;
        return End(frame.Type == CoapType.Confirmable ? ExchangeStep.CompletedConfirmable : ExchangeStep.Completed);
    }

    bool HasToken(in CoapFrame frame) => new CoapToken(frame.Token) == Token;

    ExchangeStep End(ExchangeStep step)
    {
        _isOver = true;
        return step;
    }
}
