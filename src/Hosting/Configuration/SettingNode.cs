namespace Hosting.Configuration;

/// <summary>What some source says, before it has a type: a text, a list, a section, or none of these (null).</summary>
internal sealed class SettingNode(string origin)
{
    /// <summary>Where it stands: "gateway.conf line 7", "environment KAFKA__SLOTS", "command line".</summary>
    public string Origin { get; } = origin;

    public string? Text { get; init; }

    public List<SettingNode>? Items { get; init; }

    public OrderedDictionary<string, SettingNode>? Members { get; init; }

    public bool IsNull => Text is null && Items is null && Members is null;

    public static SettingNode Section(string origin) =>
        new(origin) { Members = new(StringComparer.OrdinalIgnoreCase) };

    /// <summary>The node for a path of names, or null.</summary>
    public SettingNode? Find(IEnumerable<string> path)
    {
        var node = this;
        foreach (var name in path)
        {
            if (node.Members is null || !node.Members.TryGetValue(name, out node))
                return null;
        }

        return node;
    }

    /// <summary>Lays a value over what is here: sections are merged, everything else is replaced.</summary>
    public void Set(ReadOnlySpan<string> path, SettingNode value)
    {
        var members = Members!;
        if (path.Length > 1)
        {
            if (!members.TryGetValue(path[0], out var inner) || inner.Members is null)
                members[path[0]] = inner = Section(value.Origin);
            inner.Set(path[1..], value);
        }
        else if (value.Members is not null && members.TryGetValue(path[0], out var present) && present.Members is not null)
        {
            present.Merge(value);
        }
        else
        {
            members[path[0]] = value;
        }
    }

    public void Merge(SettingNode over)
    {
        foreach (var (name, value) in over.Members!)
            Set([name], value);
    }

    /// <summary>A copy whose sections can be changed without touching these.</summary>
    public SettingNode Copy()
    {
        if (Members is null)
            return this;
        var copy = Section(Origin);
        foreach (var (name, value) in Members)
            copy.Members![name] = value.Copy();
        return copy;
    }

    /// <summary>Changes what is below a path as a JSON merge patch does (RFC 7396): null takes a key away, all else is as in <see cref="Set"/>.</summary>
    public void Patch(ReadOnlySpan<string> path, SettingNode patch)
    {
        var section = this;
        foreach (var name in path)
            section = section.Inner(name, patch.Origin);
        foreach (var (name, value) in patch.Members!)
        {
            if (value.IsNull)
                section.Members!.Remove(name);
            else if (value.Members is null)
                section.Members![name] = value;
            else
                section.Patch([name], value);
        }
    }

    SettingNode Inner(string name, string origin)
    {
        if (!Members!.TryGetValue(name, out var inner) || inner.Members is null)
            Members[name] = inner = Section(origin);
        return inner;
    }
}
