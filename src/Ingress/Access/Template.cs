using System.Text;
using Contracts;

namespace Ingress.Access;

/// <summary>Text with placeholders <c>${name}</c>.</summary>
sealed class Template(string template)
{
    readonly IReadOnlyList<(bool IsPlaceholder, string Text)> _parts = TemplateParts.Of(template, _ => true);

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
        var complete = _parts.All(p => !p.IsPlaceholder || value(p.Text) is not null);
        text = complete ? Render(value) : "";
        return complete;
    }
}
