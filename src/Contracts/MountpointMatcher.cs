using System.Text;
using System.Text.RegularExpressions;

namespace Contracts;

/// <summary>Splits a topic that a command came on into the device's prefix and the rest.</summary>
public sealed class MountpointMatcher
{
    private readonly Regex _regex;

    internal MountpointMatcher(IEnumerable<(bool IsPlaceholder, string Text)> template, string topic)
    {
        var pattern = new StringBuilder("^(?<prefix>");
        var placeholders = 0;
        foreach (var (isPlaceholder, text) in template)
        {
            pattern.Append(isPlaceholder ? $"(?<value{placeholders++}>[^/]+)" : Regex.Escape(text));
        }

        pattern.Append(')');
        var levels = topic.Split('/');
        for (var i = 0; i < levels.Length; i++)
        {
            // "dn/#" stands for "dn" and all below it (MQTT 5 section 4.7.1.2).
            pattern.Append((i > 0 ? "/" : "", levels[i]) switch
            {
                ("/", "#") => "(/.*)?",
                (var slash, "#") => slash + ".*",
                (var slash, "+") => slash + "[^/]*",
                var (slash, level) => slash + Regex.Escape(level),
            });
        }

        _regex = new Regex(pattern.Append('$').ToString(), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline);
    }

    /// <param name="topic">A topic name, without wildcards.</param>
    /// <param name="prefix">The rendered mountpoint.</param>
    /// <param name="name">What stands for the first placeholder: the best guess at the device's name where nobody has registered under the prefix.</param>
    public bool TryMatch(string topic, out string prefix, out string name)
    {
        var match = _regex.Match(topic);
        prefix = match.Groups["prefix"].Value;
        name = match.Groups["value0"] is { Success: true } value ? value.Value : "";
        return match.Success;
    }
}
