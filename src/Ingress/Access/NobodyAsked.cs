using Contracts.Configuration;

namespace Ingress.Access;

/// <summary>Every device may come in and do everything.</summary>
sealed class NobodyAsked : IAdmission
{
    public static readonly NobodyAsked Instance = new();

    public bool Asks(GatewayConfiguration configuration, string listener) => false;

    public bool Authorizes(GatewayConfiguration configuration) => false;

    public void Ask(AdmissionQuestion question, Action<Verdict> answer) => throw new InvalidOperationException("nobody is asked");
}
