namespace Protocol.Coap;

/// <summary>Walks the options of a checked message in ascending order of their numbers, with <c>foreach</c>.</summary>
public ref struct CoapOptionEnumerator
{
    readonly ReadOnlySpan<byte> _options;
    int _offset;
    int _number;
    int _valueLength;

    internal CoapOptionEnumerator(ReadOnlySpan<byte> options) => _options = options;

    public readonly CoapOption Current => new((ushort)_number, _options.Slice(_offset - _valueLength, _valueLength));

    public readonly CoapOptionEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_offset >= _options.Length)
            return false;

        // The frame was checked as a whole: this cannot fail.
        OptionHeader.Read(_options, ref _offset, ref _number, out _valueLength);
        _offset += _valueLength;
        return true;
    }
}
