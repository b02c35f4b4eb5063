namespace Ingress.Security;

/// <summary>
/// For which endpoint names a credential counts: one name, or all that begin with what stands before a '*' at the end. <c>${identity}</c> stands
/// for the identity.
/// </summary>
readonly record struct EndpointRule
{
    const string Placeholder = "${identity}";

    readonly string _text;
    readonly bool _isPrefix;

    /// <param name="rule">Null: the name is the identity.</param>
    /// <param name="identity">What is proven.</param>
    public EndpointRule(string? rule, string identity)
    {
        _isPrefix = rule is not null && rule.EndsWith('*');
        _text = rule is null ? identity : (_isPrefix ? rule[..^1] : rule).Replace(Placeholder, identity, StringComparison.Ordinal);
    }

    EndpointRule(string text, bool isPrefix) => (_text, _isPrefix) = (text, isPrefix);

    /// <summary>What is taken apart by <see cref="Text"/> and <see cref="IsPrefix"/>.</summary>
    public static EndpointRule Of(string text, bool isPrefix) => new(text, isPrefix);

    /// <summary>The name, or how it must begin.</summary>
    public string Text => _text;

    public bool IsPrefix => _isPrefix;

    /// <summary>The one name that it counts for; null where there may be several.</summary>
    public string? Only => _isPrefix ? null : _text;

    /// <summary>As it is written, the identity put in.</summary>
    public override string ToString() => _isPrefix ? _text + "*" : _text;

    public bool Allows(string endpoint) => _isPrefix ? endpoint.StartsWith(_text, StringComparison.Ordinal) : endpoint == _text;
}
