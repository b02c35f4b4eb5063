using System.Text.RegularExpressions;

namespace Contracts;

/// <summary>Text with placeholders <c>${name}</c>, taken apart.</summary>
public static partial class TemplateParts
{
    /// <param name="isPlaceholder">Whether a name is one; others stay text, as they stand.</param>
    public static IReadOnlyList<(bool IsPlaceholder, string Text)> Of(string template, Predicate<string> isPlaceholder)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(isPlaceholder);
        var parts = new List<(bool, string)>();
        var at = 0;
        foreach (var match in Placeholder().Matches(template).Where(match => isPlaceholder(match.Groups[1].Value)))
        {
            AddText(match.Index);
            parts.Add((true, match.Groups[1].Value));
            at = match.Index + match.Length;
        }

        AddText(template.Length);
        return parts;

        void AddText(int end)
        {
            if (end > at)
            {
                parts.Add((false, template[at..end]));
            }
        }
    }

    [GeneratedRegex(@"\$\{([^}]*)\}")]
    private static partial Regex Placeholder();
}
