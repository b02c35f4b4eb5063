using System.Text;
using System.Text.RegularExpressions;

namespace Contracts;

/// <summary>
/// The prefix of a device's MQTT topics: a template with ${clientid}, ${username}, ${endpoint_name}, ${peerhost}, ${zone} and ${client_attrs.NAME}.
/// A placeholder that is unknown, or has no value, stays literally. Prefix and topic are concatenated as they stand.
/// </summary>
public sealed partial class Mountpoint
{
    private static readonly string[] Known = ["clientid", "username", "endpoint_name", "peerhost", "zone"];

    private readonly List<(bool IsPlaceholder, string Text)> _parts = [];

    public Mountpoint(string template)
    {
        Template = template;
        var at = 0;
        foreach (Match match in Placeholder().Matches(template))
        {
            var name = match.Groups[1].Value;
            if (!Known.Contains(name) && !name.StartsWith("client_attrs.", StringComparison.Ordinal))
            {
                continue;
            }

            _parts.Add((false, template[at..match.Index]));
            _parts.Add((true, name));
            at = match.Index + match.Length;
        }

        _parts.Add((false, template[at..]));
        _parts.RemoveAll(part => part.Text.Length == 0);
    }

    public string Template { get; }

    /// <summary>The prefix of one device.</summary>
    public string Render(string endpoint, ClientIdentity client)
    {
        ArgumentNullException.ThrowIfNull(client);
        var text = new StringBuilder();
        foreach (var (isPlaceholder, part) in _parts)
        {
            text.Append(isPlaceholder ? ValueOf(part, endpoint, client) ?? "${" + part + "}" : part);
        }

        return text.ToString();
    }

    /// <summary>The MQTT filter that catches <paramref name="topic"/> (which may hold wildcards) of every device.</summary>
    public string Filter(string topic)
    {
        // A level with a placeholder in it can only be subscribed as a whole.
        var marked = string.Concat(_parts.Select(part => part.IsPlaceholder ? "\0" : part.Text)) + topic;
        return string.Join('/', marked.Split('/').Select(level => level.Contains('\0', StringComparison.Ordinal) ? "+" : level));
    }

    /// <summary>A matcher for topics that devices are commanded on: this template followed by <paramref name="topic"/>.</summary>
    public MountpointMatcher Matcher(string topic) => new(_parts, topic);

    /// <summary>True where a value may stand in a topic level: not empty, no wildcard, no separator, no control character.</summary>
    public static bool IsSafe(ReadOnlySpan<char> value)
    {
        foreach (var c in value)
        {
            if (c is '+' or '#' or '/' || char.IsControl(c))
            {
                return false;
            }
        }

        return !value.IsEmpty;
    }

    private static string? ValueOf(string name, string endpoint, ClientIdentity client) => name switch
    {
        "clientid" => client.Clientid,
        "username" => client.Username,
        "endpoint_name" => endpoint,
        "peerhost" => client.Peerhost,
        "zone" => client.Zone,
        _ => client.ClientAttrs.TryGetValue(name["client_attrs.".Length..], out var value) ? value : null,
    };

    [GeneratedRegex(@"\$\{([^}]*)\}")]
    private static partial Regex Placeholder();
}
