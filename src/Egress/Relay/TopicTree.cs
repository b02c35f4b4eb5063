namespace Egress.Relay;

/// <summary>MQTT topic filters, each with something that hangs on it (MQTT 5 section 4.7). Not thread-safe while it grows.</summary>
internal sealed class TopicTree<T>
{
    private sealed class Node
    {
        public Dictionary<string, Node> Below { get; } = [];
        public List<T> Here { get; } = [];
    }

    private readonly Node _root = new();

    public void Add(string filter, T value)
    {
        var node = _root;
        foreach (var level in filter.Split('/'))
        {
            if (!node.Below.TryGetValue(level, out var next))
            {
                node.Below[level] = next = new Node();
            }

            node = next;
        }

        node.Here.Add(value);
    }

    /// <summary>What hangs on the filters that match a topic name.</summary>
    public IEnumerable<T> Find(string topic) => Find(_root, topic.Split('/'), 0);

    private static IEnumerable<T> Find(Node node, string[] levels, int depth)
    {
        // Topics of the server, $SYS and its like, are matched by no wildcard that stands first.
        var wild = depth > 0 || !levels[0].StartsWith('$');
        var found = wild && node.Below.TryGetValue("#", out var all) ? all.Here : Enumerable.Empty<T>();
        if (depth == levels.Length)
        {
            return found.Concat(node.Here);
        }

        if (node.Below.TryGetValue(levels[depth], out var next))
        {
            found = found.Concat(Find(next, levels, depth + 1));
        }

        return wild && node.Below.TryGetValue("+", out var any) ? found.Concat(Find(any, levels, depth + 1)) : found;
    }
}
