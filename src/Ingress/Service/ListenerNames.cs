using System.Collections;

namespace Ingress.Service;

/// <summary>
/// Names of listeners by index, as in registration records: "udp:default". A name is never taken out, so that the peers of a listener that is
/// closed, or opened again, are still its. Read by any thread, added to by one at a time.
/// </summary>
sealed class ListenerNames : IReadOnlyList<string>
{
    volatile string[] _names = [];

    public int Count => _names.Length;

    public string this[int index] => _names[index];

    /// <summary>-1 for a listener that was never there.</summary>
    public int IndexOf(string name) => Array.IndexOf(_names, name);

    public int GetOrAdd(string name)
    {
        var index = IndexOf(name);
        if (index >= 0)
            return index;
        _names = [.. _names, name];
        return _names.Length - 1;
    }

    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_names).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
