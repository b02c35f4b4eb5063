using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Protocol.Coap;

/// <summary>
/// Writes one message into the caller's bytes: header and token, options in ascending order of their numbers, payload. What does not fit,
/// or is longer than its option may be, makes <see cref="TryFinish"/> false, once, at the end. A wrong order is a bug and throws.
/// Not to be copied: pass it by reference.
/// </summary>
public ref struct CoapWriter
{
    /// <summary>Length of a message without token, options and payload.</summary>
    public const int EmptyMessageLength = CoapFrame.HeaderLength;

    readonly Span<byte> _buffer;
    int _length;
    int _lastNumber;
    bool _failed;
    bool _closed;

    public CoapWriter(Span<byte> buffer, CoapType type, CoapCode code, ushort messageId, scoped ReadOnlySpan<byte> token)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(token.Length, CoapFrame.MaxTokenLength, nameof(token));
        _buffer = buffer;
        if (!TryTake(EmptyMessageLength + token.Length, out var header))
            return;
        WriteHeader(header, type, code, messageId, token.Length);
        token.CopyTo(header[EmptyMessageLength..]);
    }

    /// <summary>Bytes written so far, of what fitted.</summary>
    public readonly int Length => _length;

    /// <summary>Writes an empty message, that is a Reset, an empty acknowledgement or (CON) a ping: four bytes.</summary>
    public static bool TryWriteEmpty(Span<byte> destination, CoapType type, ushort messageId)
    {
        if (destination.Length < EmptyMessageLength)
            return false;
        WriteHeader(destination, type, CoapCode.Empty, messageId, 0);
        return true;
    }

    public void AddOption(ushort number, scoped ReadOnlySpan<byte> value)
    {
        if (TryAddOption(number, value.Length, out var destination))
            value.CopyTo(destination);
    }

    /// <summary>An unsigned integer in as few bytes as it needs, none for 0 (RFC 7252 section 3.2).</summary>
    public void AddOption(ushort number, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        AddOption(number, bytes[(BitOperations.LeadingZeroCount(value) / 8)..]);
    }

    /// <summary>A string, as UTF-8.</summary>
    public void AddOption(ushort number, scoped ReadOnlySpan<char> value)
    {
        if (TryAddOption(number, Encoding.UTF8.GetByteCount(value), out var destination))
            Encoding.UTF8.GetBytes(value, destination);
    }

    /// <summary>One option per segment of a path such as <c>/3/0/1</c>; slashes at its ends do not count, <c>/</c> has none.</summary>
    public void AddUriPath(scoped ReadOnlySpan<char> path) => AddParts(CoapOptionNumber.UriPath, TrimSlashes(path), '/');

    /// <inheritdoc cref="AddUriPath"/>
    public void AddLocationPath(scoped ReadOnlySpan<char> path) => AddParts(CoapOptionNumber.LocationPath, TrimSlashes(path), '/');

    /// <summary>One option per argument of a query such as <c>pmin=1&amp;pmax=5</c>; nothing is unescaped.</summary>
    public void AddUriQuery(scoped ReadOnlySpan<char> query) => AddParts(CoapOptionNumber.UriQuery, query, '&');

    /// <summary>The payload, with its marker unless it is empty; nothing can be added after it.</summary>
    public void AddPayload(scoped ReadOnlySpan<byte> payload)
    {
        ThrowIfClosed();
        _closed = true;
        if (payload.IsEmpty || !TryTake(1 + payload.Length, out var destination))
            return;
        destination[0] = CoapFrame.PayloadMarker;
        payload.CopyTo(destination[1..]);
    }

    /// <summary>True and the length of the message where all that was added is in it.</summary>
    public readonly bool TryFinish(out int length)
    {
        length = _failed ? 0 : _length;
        return !_failed;
    }

    static void WriteHeader(Span<byte> destination, CoapType type, CoapCode code, ushort messageId, int tokenLength)
    {
        destination[0] = (byte)(0x40 | ((int)type << 4) | tokenLength);
        destination[1] = (byte)code;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], messageId);
    }

    void AddParts(ushort number, scoped ReadOnlySpan<char> text, char separator)
    {
        if (text.IsEmpty)
            return;
        foreach (var part in text.Split(separator))
            AddOption(number, text[part]);
    }

    // Only one slash at each end: a path with an empty segment keeps it.
    static ReadOnlySpan<char> TrimSlashes(ReadOnlySpan<char> path)
    {
        if (path.StartsWith('/'))
            path = path[1..];
        return path.EndsWith('/') ? path[..^1] : path;
    }

    bool TryAddOption(ushort number, int valueLength, out Span<byte> value)
    {
        ThrowIfClosed();
        if (number < _lastNumber)
            throw new InvalidOperationException($"Option {number} after option {_lastNumber}: options go in ascending order.");

        value = default;
        if (!OptionFormat.AllowsLength(number, valueLength) || valueLength > ushort.MaxValue)
        {
            _failed = true;
            return false;
        }

        Span<byte> header = stackalloc byte[OptionHeader.MaxLength];
        var headerLength = OptionHeader.Write(header, number - _lastNumber, valueLength);
        _lastNumber = number;
        if (!TryTake(headerLength + valueLength, out var destination))
            return false;
        header[..headerLength].CopyTo(destination);
        value = destination[headerLength..];
        return true;
    }

    bool TryTake(int count, out Span<byte> destination)
    {
        if (count > _buffer.Length - _length)
        {
            _failed = true;
            destination = default;
            return false;
        }

        destination = _buffer.Slice(_length, count);
        _length += count;
        return true;
    }

    readonly void ThrowIfClosed()
    {
        if (_closed)
            throw new InvalidOperationException("The payload is the last part of a message.");
    }
}
