using Ingress.Messages;
using Ingress.Registrations;
using Ingress.Sockets;
using Protocol.Coap;
using Protocol.Coap.Blockwise;

namespace Ingress.Blockwise;

/// <summary>Requests of devices whose bodies come in blocks (RFC 7959 section 2.3): answers each block, and hands on what is whole.</summary>
sealed class Uploads(Node node, MessageLayer messages, RegistrationInterface registrations) : ITimed
{
    const int MostBodies = 10_000;
    const long MostBytes = 64 << 20;

    readonly RequestBodies<Peer> _bodies = new(MostBodies, MostBytes);
    long _expired;

    public int Place { get; set; }

    /// <summary>True where the request can be acted on: it has its whole body. Else it has been answered.</summary>
    /// <param name="message">The request; its block option is valid.</param>
    /// <param name="location">Of the registration that it is about, if that is known by its path.</param>
    /// <param name="most">Longest body of such a request, in bytes; the configured limit may be lower.</param>
    /// <param name="whole">The request with its body.</param>
    public bool IsWhole(in Message message, ReadOnlySpan<byte> location, int most, out Message whole)
    {
        whole = message;
        if (message.Body is not null || message.Frame.Block1 is not { } block || BlockLimits.Of(node) is not { } limits)
            return true;
        limits = limits with { MaxBodySize = Math.Min(limits.MaxBodySize, most) };
        var step = _bodies.Take(node.Clock.Milliseconds, message.Requester.Peer, message.Frame, limits, out var body);
        Settle();
        switch (step)
        {
            case RequestBodyStep.Whole:
                whole = message.WithBody(body);
                return true;
            case RequestBodyStep.Continue:
                messages.Answer(message.Requester, CoapCode.Continue);
                return false;
            // A process that died after the work was done had the other blocks, and only the answer was lost.
            case RequestBodyStep.Incomplete when !block.More && registrations.IsRemembered(message.WithBody([]), location):
                whole = message.WithBody([]);
                return true;
            case RequestBodyStep.NoRoom:
                Count(step);
                messages.AnswerLater(message.Requester);
                return false;
            default:
                Count(step);
                Refuse(message.Requester, step, limits);
                return false;
        }
    }

    /// <summary>Forgets bodies whose rest does not come.</summary>
    public void OnDue()
    {
        _bodies.Expire(node.Clock.Milliseconds);
        Settle();
    }

    void Refuse(in Requester requester, RequestBodyStep step, in BlockwiseLimits limits)
    {
        switch (step)
        {
            case RequestBodyStep.TooLarge:
                messages.Answer(requester, CoapCode.RequestEntityTooLarge, size1: (uint)limits.MaxBodySize);
                break;
            case RequestBodyStep.WrongSize:
                messages.Answer(requester, CoapCode.BadRequest, default, "a block is not as long as it says");
                break;
            default:
                messages.Answer(requester, CoapCode.RequestEntityIncomplete);
                break;
        }
    }

    void Count(RequestBodyStep step) => Count(1, step switch
        {
            RequestBodyStep.TooLarge => "too_large",
            RequestBodyStep.WrongSize => "wrong_size",
            RequestBodyStep.NoRoom => "no_room",
            _ => "incomplete",
        });

    void Count(long count, string reason) => node.Telemetry.BodiesRefused.Add(count, new KeyValuePair<string, object?>("reason", reason));

    void Settle()
    {
        if (_bodies.Expired > _expired)
            Count(_bodies.Expired - _expired, "expired");
        _expired = _bodies.Expired;
        if (_bodies.NextDeadline < long.MaxValue)
            node.Timetable.Schedule(this, _bodies.NextDeadline);
    }
}
