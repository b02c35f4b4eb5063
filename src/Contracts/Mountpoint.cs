using System.Text;

namespace Contracts;

/// <summary>
/// The prefix of a device's MQTT topics: a template with ${clientid}, ${username}, ${endpoint_name}, ${peerhost}, ${zone} and ${client_attrs.NAME}.
/// A placeholder that is unknown, or has no value, stays literally. Prefix and topic are concatenated as they stand.
/// </summary>
public sealed class Mountpoint
{
    private readonly IReadOnlyList<(bool IsPlaceholder, string Text)> _parts;

    public Mountpoint(string template)
    {
        Template = template;
        _parts = TemplateParts.Of(template, ClientIdentity.Knows);
    }

    public string Template { get; }

    /// <summary>The prefix of one device.</summary>
    public string Render(string endpoint, ClientIdentity client)
    {
        ArgumentNullException.ThrowIfNull(client);
        var text = new StringBuilder();
        foreach (var (isPlaceholder, part) in _parts)
        {
            text.Append(isPlaceholder ? client.ValueOf(part, endpoint) ?? "${" + part + "}" : part);
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
}
