namespace Ingress.Access;

/// <summary>What an authenticator says.</summary>
/// <param name="Result">Who neither allows nor denies has no such user.</param>
/// <param name="Reason">For the device, where it is not allowed.</param>
sealed record Authentication(HttpResult Result, string Reason = "")
{
    public static readonly IReadOnlyDictionary<string, string> NoAttributes = new Dictionary<string, string>();

    public bool IsSuperuser { get; init; }

    /// <summary>Unix time in s; 0 = it does not end by itself.</summary>
    public long ExpireAt { get; init; }

    public IReadOnlyDictionary<string, string> Attributes { get; init; } = NoAttributes;
}
