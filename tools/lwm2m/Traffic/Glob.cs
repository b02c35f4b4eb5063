using System.Text.RegularExpressions;

namespace Tools.Traffic;

/// <summary>Endpoint names with <c>*</c> (anything) and <c>?</c> (one character); case counts.</summary>
sealed class Glob
{
    readonly Regex _pattern;

    public Glob(string text)
    {
        Text = text;
        var pattern = Regex.Escape(text).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal);
        _pattern = new Regex($"^{pattern}$", RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.NonBacktracking);
    }

    public string Text { get; }

    public bool Matches(string name) => _pattern.IsMatch(name);
}
