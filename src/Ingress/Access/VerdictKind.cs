namespace Ingress.Access;

enum VerdictKind
{
    Admitted,

    /// <summary>4.03.</summary>
    Refused,

    /// <summary>Who decides could not be asked: the device may try again.</summary>
    Unreachable,
}
