using Contracts.Configuration;

namespace Ingress.Access;

/// <summary>Who may register, and what devices may do: servers that are asked, or a test that plays them.</summary>
interface IAdmission
{
    /// <summary>Whether there is anything to ask about a device of that listener. False: it may come in and do everything.</summary>
    bool Asks(GatewayConfiguration configuration, string listener);

    /// <summary>Whether what a device may do is asked about, and so has to be asked again from time to time.</summary>
    bool Authorizes(GatewayConfiguration configuration);

    /// <summary>Answers exactly once, later, on any thread, not under the gate.</summary>
    void Ask(AdmissionQuestion question, Action<Verdict> answer);
}
