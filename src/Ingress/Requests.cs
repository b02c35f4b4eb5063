using Ingress.Blockwise;
using Ingress.Messages;
using Ingress.Registrations;
using Ingress.Sends;
using Protocol.Coap;

namespace Ingress;

/// <summary>Step 3, upper half: which request of a device goes where, and the answer to those that go nowhere (RFC 7252 section 5).</summary>
sealed class Requests(Node node, MessageLayer messages, RegistrationInterface registrations, SendInterface sends, Uploads uploads)
{
    // What may be critical in a request, and is understood: where it is meant for, and which block of it this is.
    static readonly ushort[] Understood =
    [
        CoapOptionNumber.UriHost, CoapOptionNumber.UriPort, CoapOptionNumber.UriPath, CoapOptionNumber.UriQuery, CoapOptionNumber.Accept,
        CoapOptionNumber.Block1, CoapOptionNumber.Block2,
    ];

    /// <summary>Takes a request that is new.</summary>
    public void Receive(in Message message)
    {
        var frame = message.Frame;
        if (CriticalOptions.TryFindUnsupported(frame, Understood, out var number) || HasUnwantedBlock(message, out number))
        {
            var isProxying = number is CoapOptionNumber.ProxyUri or CoapOptionNumber.ProxyScheme;
            Refuse(message, isProxying ? CoapCode.ProxyingNotSupported : CoapCode.BadOption, isProxying ? null : $"option {number}");
            return;
        }

        var blocks = message.Requester.Blocks;
        if (blocks is { Block1.IsValid: false } or { Block2.IsValid: false })
        {
            Refuse(message, CoapCode.BadRequest, "a block option is invalid");
            return;
        }

        if (blocks.Block2 is { Number: > 0 } wanted)
        {
            messages.AnswerFurtherBlock(message.Requester, wanted);
            return;
        }

        var path = frame.UriPath;
        var isSend = path.Matches("dp"u8);
        var isRegistry = path.MoveNext() && path.Current.SequenceEqual("rd"u8);
        var location = isRegistry && path.MoveNext() ? path.Current : default;
        var isLocation = isRegistry && !location.IsEmpty && !path.MoveNext();
        switch (frame.Code)
        {
            case CoapCode.Post when isLocation:
                if (uploads.IsWhole(message, location, RegisterRequest.MaxObjectList, out var update))
                    registrations.Update(update, location);
                break;
            case CoapCode.Delete when isLocation:
                registrations.Deregister(message, location);
                break;
            case CoapCode.Post when frame.UriPath.Matches("rd"u8):
                if (uploads.IsWhole(message, default, RegisterRequest.MaxObjectList, out var register))
                    registrations.Register(register);
                break;
            case CoapCode.Post when isSend:
                sends.Receive(message);
                break;
            case CoapCode.Delete when frame.UriPath.Count() == 0:
                Refuse(message, CoapCode.BadRequest, "no path");
                break;
            case CoapCode.Post or CoapCode.Delete when !isSend:
                Refuse(message, CoapCode.NotFound, null);
                break;
            // A method that nobody knows is not allowed anywhere; GET and its like only where there is something.
            case CoapCode.Get or CoapCode.Put when !isRegistry && !isSend:
                Refuse(message, CoapCode.NotFound, null);
                break;
            default:
                Refuse(message, CoapCode.MethodNotAllowed, null);
                break;
        }
    }

    // Where blocks are switched off, only one that is the whole is understood.
    bool HasUnwantedBlock(in Message message, out ushort number)
    {
        var blocks = message.Requester.Blocks;
        number = blocks.Block1 is { Number: > 0 } or { More: true } ? CoapOptionNumber.Block1 : CoapOptionNumber.Block2;
        return (number == CoapOptionNumber.Block1 || blocks.Block2 is { Number: > 0 }) && BlockLimits.Of(node) is null;
    }

    void Refuse(in Message message, CoapCode code, string? reason)
    {
        node.Telemetry.Refused.Add(1, new KeyValuePair<string, object?>("code", code.Dotted));
        messages.Answer(message.Requester, code, default, reason);
    }
}
