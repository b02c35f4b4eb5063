using Contracts;
using Ingress.Messages;
using Ingress.Registrations;
using Ingress.Sockets;
using Protocol.Coap;

namespace Ingress.Access;

/// <summary>
/// Lets a Register in, sends it away, or asks about it: then the message is held, and processed again with the verdict, so that everything
/// is decided on what is known by then. Nothing else of the device waits for that.
/// </summary>
sealed class Reception(Node node, MessageLayer messages, Arrivals arrivals)
{
    const int MostQuestions = 1024;

    readonly FailureLimit _failures = new();

    // One question for each peer at a time: a repetition is known by its message id, another Register of an impatient device by this.
    readonly HashSet<Peer> _asking = [];

    /// <summary>Processes a message again.</summary>
    public Action<HeldMessage> Process { private get; set; } = _ => { };

    /// <summary>Registers that somebody is being asked about.</summary>
    public int Asking => _asking.Count;

    /// <summary>True: it goes on with the verdict, and <see cref="End"/> follows when it is through. False: it is dealt with for now.</summary>
    public bool TryAdmit(in Message message, RegisterRequest request, Session? known, out Verdict verdict)
    {
        var requester = message.Requester;
        var peer = requester.Peer;
        verdict = message.Verdict!;
        if (verdict is { Kind: not VerdictKind.Admitted })
        {
            TurnAway(message, verdict);
            return false;
        }

        if (!arrivals.TryArrive(peer, known))
        {
            messages.AnswerLater(requester);
            return false;
        }

        if (verdict is not null)
            return true;
        var configuration = node.Configuration();
        var listener = node.Listeners[peer.Listener];
        if (Identity.Of(request.Endpoint!, request, peer, listener, node.Proofs.Of(peer)?.Identity, configuration.Lwm2m.ClientInfoOverride, out var error) is not { } question)
        {
            arrivals.End(peer);
            Refuse(message, CoapCode.BadRequest, error);
            return false;
        }

        if (node.Admission.Asks(configuration, listener))
        {
            Ask(message, question);
            return false;
        }

        verdict = Verdict.Unasked(question.Client);
        return true;
    }

    /// <summary>A Register that was let in is over, one way or the other.</summary>
    public void End(in Requester requester) => arrivals.End(requester.Peer);

    /// <summary>Frees what is not needed any more.</summary>
    public void Sweep() => _failures.Sweep(node.Clock.Milliseconds);

    void Ask(in Message message, AdmissionQuestion question)
    {
        var requester = message.Requester;
        if (_asking.Contains(requester.Peer))
        {
            Count("repeated");
            messages.Forget(requester);
            return;
        }

        // A device with a session has shown who it is, whoever else fails behind the same address.
        var isSuspect = node.Sessions.ByPeer(requester.Peer) is null && !_failures.Allows(requester.Peer, node.Clock.Milliseconds);
        if (isSuspect || _asking.Count >= MostQuestions)
        {
            Count(isSuspect ? "too_many_failures" : "too_many_questions");
            arrivals.End(requester.Peer);
            messages.AnswerLater(requester);
            return;
        }

        _asking.Add(requester.Peer);
        var held = message.Hold();
        node.Admission.Ask(question, answer =>
        {
            lock (node.Gate)
            {
                _asking.Remove(requester.Peer);
                arrivals.End(requester.Peer);
                Count(answer.Kind switch { VerdictKind.Admitted => "admitted", VerdictKind.Refused => "refused", _ => "unreachable" });
                Process(held with { Verdict = answer });
            }
        });
    }

    void TurnAway(in Message message, Verdict verdict)
    {
        if (verdict.Kind == VerdictKind.Unreachable)
        {
            messages.AnswerLater(message.Requester);
            return;
        }

        _failures.Fail(message.Requester.Peer, node.Clock.Milliseconds);
        Refuse(message, CoapCode.Forbidden, verdict.Reason);
    }

    void Refuse(in Message message, CoapCode code, string reason)
    {
        node.Telemetry.Refused.Add(1, new KeyValuePair<string, object?>("code", code.Dotted));
        messages.Answer(message.Requester, code, default, reason);
    }

    void Count(string result) => node.Telemetry.Admissions.Add(1, new KeyValuePair<string, object?>("result", result));
}
