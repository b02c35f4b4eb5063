using Contracts;

namespace Tools.Traffic;

/// <summary>Endpoint names with <c>*</c> (anything) and <c>?</c> (one character); case counts.</summary>
sealed class Glob(string text)
{
    readonly EndpointGlobs _pattern = new([text]);

    public string Text => text;

    public bool Matches(string name) => _pattern.Match(name);
}
