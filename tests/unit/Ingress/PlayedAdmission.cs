using Contracts;
using Contracts.Configuration;
using Ingress.Access;

namespace Pipeline.Tests.Ingress;

/// <summary>Somebody who is asked about devices and answers when the test says so.</summary>
sealed class PlayedAdmission : IAdmission
{
    readonly Queue<(AdmissionQuestion Question, Action<Verdict> Answer)> _open = new();

    public int Open => _open.Count;

    public bool HasSources { get; set; }

    public bool Asks(GatewayConfiguration configuration, string listener) => true;

    public bool Authorizes(GatewayConfiguration configuration) => HasSources;

    public void Ask(AdmissionQuestion question, Action<Verdict> answer) => _open.Enqueue((question, answer));

    public AdmissionQuestion Admit(Denied denied = Denied.Nothing, long untilMs = 0, long authorizedMs = 0, bool superuser = false, params (string Name, string Value)[] attributes) =>
        Answer(question =>
        {
            var client = question.Client.Clone();
            client.ClientAttrs.Add(attributes.ToDictionary(a => a.Name, a => a.Value));
            return new Verdict(VerdictKind.Admitted) { Client = client, Denied = denied, AdmittedUntilMs = untilMs, AuthorizedMs = authorizedMs, IsSuperuser = superuser };
        });

    public AdmissionQuestion Refuse(string reason) => Answer(_ => new Verdict(VerdictKind.Refused) { Reason = reason });

    public AdmissionQuestion BeAway() => Answer(_ => new Verdict(VerdictKind.Unreachable));

    AdmissionQuestion Answer(Func<AdmissionQuestion, Verdict> verdict)
    {
        var (question, answer) = _open.Dequeue();
        answer(verdict(question));
        return question;
    }
}
