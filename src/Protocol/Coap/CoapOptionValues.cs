namespace Protocol.Coap;

/// <summary>The values of all options with one number, in order: path segments, queries. With <c>foreach</c>.</summary>
public ref struct CoapOptionValues
{
    readonly ushort _number;
    CoapOptionEnumerator _options;

    internal CoapOptionValues(CoapOptionEnumerator options, ushort number)
    {
        _options = options;
        _number = number;
    }

    public readonly ReadOnlySpan<byte> Current => _options.Current.Value;

    public readonly CoapOptionValues GetEnumerator() => this;

    public bool MoveNext()
    {
        while (_options.MoveNext())
        {
            if (_options.Current.Number >= _number)
                return _options.Current.Number == _number;
        }

        return false;
    }

    public readonly int Count()
    {
        var count = 0;
        foreach (var _ in this)
            count++;
        return count;
    }

    /// <summary>Compares segment by segment with a path such as <c>rd/5a3f</c>, no slash at its ends; empty is no segment.</summary>
    public readonly bool Matches(ReadOnlySpan<byte> path)
    {
        var rest = path;
        var more = !path.IsEmpty;
        foreach (var segment in this)
        {
            if (!more)
                return false;
            var end = rest.IndexOf((byte)'/');
            more = end >= 0;
            if (!segment.SequenceEqual(more ? rest[..end] : rest))
                return false;
            rest = more ? rest[(end + 1)..] : default;
        }

        return !more;
    }
}
