using System.Text.RegularExpressions;

namespace Contracts;

/// <summary>Endpoint names with <c>*</c> (anything) and <c>?</c> (one character); case counts. Many of them cost one look at the name. Thread-safe.</summary>
public sealed class EndpointGlobs
{
    private readonly Regex _pattern;

    public EndpointGlobs(IEnumerable<string> globs)
    {
        var patterns = globs.Select(glob => Regex.Escape(glob).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal));
        _pattern = new Regex($"^(?:{string.Join('|', patterns)})\\z", RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.NonBacktracking);
    }

    /// <summary>Whether the name is one that any of them means.</summary>
    public bool Match(string endpoint) => _pattern.IsMatch(endpoint);
}
