using System.Text;
using System.Text.RegularExpressions;

namespace Ingress.Access;

/// <summary>Text with placeholders <c>${name}</c>.</summary>
sealed partial class Template
{
    readonly List<(bool IsPlaceholder, string Text)> _parts = [];

    public Template(string text)
    {
        var at = 0;
        foreach (Match match in Placeholder().Matches(text))
        {
            _parts.Add((false, text[at..match.Index]));
            _parts.Add((true, match.Groups[1].Value));
            at = match.Index + match.Length;
        }

        _parts.Add((false, text[at..]));
    }

    /// <summary>The text with values put in; one that is not there is empty.</summary>
    /// <param name="value">Null where there is none of that name.</param>
    /// <param name="escape">Applied to values, not to the text around them.</param>
    public string Render(Func<string, string?> value, Func<string, string>? escape = null)
    {
        var rendered = new StringBuilder();
        foreach (var (isPlaceholder, part) in _parts)
        {
            var text = isPlaceholder ? value(part) ?? "" : part;
            rendered.Append(isPlaceholder && escape is not null ? escape(text) : text);
        }

        return rendered.ToString();
    }

    /// <summary>False where a value is not there.</summary>
    public bool TryRender(Func<string, string?> value, out string text)
    {
        var complete = _parts.TrueForAll(p => !p.IsPlaceholder || value(p.Text) is not null);
        text = complete ? Render(value) : "";
        return complete;
    }

    [GeneratedRegex(@"\$\{([^}]*)\}")]
    private static partial Regex Placeholder();
}
