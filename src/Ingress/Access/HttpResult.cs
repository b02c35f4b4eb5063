namespace Ingress.Access;

enum HttpResult
{
    Allow,
    Deny,

    /// <summary>The server has no opinion.</summary>
    Ignore,

    /// <summary>There was no answer, or none that can be understood.</summary>
    Unreachable,
}
