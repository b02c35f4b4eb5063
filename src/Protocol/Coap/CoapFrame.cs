using System.Buffers.Binary;

namespace Protocol.Coap;

/// <summary>
/// View of one datagram as a CoAP message (RFC 7252 section 3). Everything is checked once, by <see cref="TryParse"/>; after that no
/// accessor can fail. Lives as long as the bytes of the datagram. Of options that must not be repeated the first counts; a value whose
/// length is out of range counts as absent (sections 5.4.3 and 5.4.5); critical ones see <see cref="CriticalOptions"/>.
/// </summary>
public readonly ref struct CoapFrame
{
    /// <summary>
    /// Most options taken. A registration has about a dozen; the bound makes what callers do per option (queries, path segments)
    /// cheap whatever is sent.
    /// </summary>
    public const int MaxOptions = 64;

    public const int MaxTokenLength = 8;

    internal const int HeaderLength = 4;
    internal const byte PayloadMarker = 0xFF;
    const int Version = 1;

    readonly int _tokenLength;
    readonly int _optionsEnd;
    readonly bool _hasHeader;

    CoapFrame(ReadOnlySpan<byte> datagram, int tokenLength, int optionsEnd)
    {
        Datagram = datagram;
        _tokenLength = tokenLength;
        _optionsEnd = optionsEnd;
        _hasHeader = true;
        Type = TypeOf(datagram);
        Code = CodeOf(datagram);
        MessageId = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
    }

    /// <summary>The whole message as it came; after an error its header, or nothing.</summary>
    public ReadOnlySpan<byte> Datagram { get; }

    public CoapType Type { get; }

    public CoapCode Code { get; }

    public ushort MessageId { get; }

    public ReadOnlySpan<byte> Token => _hasHeader ? Datagram.Slice(HeaderLength, _tokenLength) : default;

    /// <summary>What stands behind the payload marker; empty where there is none.</summary>
    public ReadOnlySpan<byte> Payload => _optionsEnd < Datagram.Length ? Datagram[(_optionsEnd + 1)..] : default;

    public CoapOptionEnumerator Options => new(_hasHeader ? Datagram[(HeaderLength + _tokenLength).._optionsEnd] : default);

    public CoapOptionValues UriPath => Values(CoapOptionNumber.UriPath);

    public CoapOptionValues UriQuery => Values(CoapOptionNumber.UriQuery);

    public CoapOptionValues LocationPath => Values(CoapOptionNumber.LocationPath);

    /// <summary>Sequence number of a notification, or 0 (register) and 1 (deregister) in a request (RFC 7641 section 2).</summary>
    public uint? Observe => TryGetUInt(CoapOptionNumber.Observe, out var value) ? value : null;

    public ushort? ContentFormat => TryGetUInt(CoapOptionNumber.ContentFormat, out var value) ? (ushort)value : null;

    public ushort? Accept => TryGetUInt(CoapOptionNumber.Accept, out var value) ? (ushort)value : null;

    /// <summary>May hold the reserved size exponent: see <see cref="BlockOption.IsValid"/>.</summary>
    public BlockOption? Block1 => TryGetUInt(CoapOptionNumber.Block1, out var value) ? new BlockOption(value) : null;

    /// <inheritdoc cref="Block1"/>
    public BlockOption? Block2 => TryGetUInt(CoapOptionNumber.Block2, out var value) ? new BlockOption(value) : null;

    /// <summary>
    /// How this message is rejected, whether malformed or not acceptable: true by a Reset with its message id (a CON of our version),
    /// false by silence (RFC 7252 sections 4.2 and 4.3).
    /// </summary>
    public bool RejectWithReset => _hasHeader && Type == CoapType.Confirmable;

    /// <summary>
    /// Checks a datagram. On an error the frame holds no more than the header (type, code, message id), and not even that where the
    /// version is not 1 or the header is cut off.
    /// </summary>
    public static CoapParseError TryParse(ReadOnlySpan<byte> datagram, out CoapFrame frame)
    {
        frame = default;
        if (datagram.Length < HeaderLength)
            return CoapParseError.TooShort;
        if (datagram[0] >> 6 != Version)
            return CoapParseError.UnknownVersion;

        var tokenLength = datagram[0] & 0x0F;
        var error = CheckHeader(datagram, tokenLength);
        var optionsEnd = 0;
        if (error == CoapParseError.None)
            error = CheckOptions(datagram, HeaderLength + tokenLength, out optionsEnd);

        frame = error == CoapParseError.None
            ? new CoapFrame(datagram, tokenLength, optionsEnd)
            : new CoapFrame(datagram[..HeaderLength], 0, HeaderLength);
        return error;
    }

    /// <summary>The first option with that number, of whatever length.</summary>
    public bool TryGetOption(ushort number, out ReadOnlySpan<byte> value)
    {
        var values = Values(number);
        var found = values.MoveNext();
        value = found ? values.Current : default;
        return found;
    }

    /// <summary>The first option with that number as an unsigned integer; leading zero bytes are allowed (RFC 7252 section 3.2).</summary>
    public bool TryGetUInt(ushort number, out uint value)
    {
        value = 0;
        if (!TryGetOption(number, out var bytes) || bytes.Length > sizeof(uint) || !OptionFormat.AllowsLength(number, bytes.Length))
            return false;

        foreach (var b in bytes)
            value = (value << 8) | b;
        return true;
    }

    /// <summary>All options with that number, in order.</summary>
    public CoapOptionValues Values(ushort number) => new(Options, number);

    static CoapParseError CheckHeader(ReadOnlySpan<byte> datagram, int tokenLength)
    {
        if (tokenLength > MaxTokenLength)
            return CoapParseError.ReservedTokenLength;

        var type = TypeOf(datagram);
        var code = CodeOf(datagram);
        if (code == CoapCode.Empty)
        {
            if (type == CoapType.NonConfirmable)
                return CoapParseError.CodeNotForType;
            return datagram.Length > HeaderLength || tokenLength > 0 ? CoapParseError.EmptyWithContent : CoapParseError.None;
        }

        if (!code.IsRequest && !code.IsResponse)
            return CoapParseError.ReservedCodeClass;
        if (type == CoapType.Reset || (type == CoapType.Acknowledgement && code.IsRequest))
            return CoapParseError.CodeNotForType;
        return tokenLength > datagram.Length - HeaderLength ? CoapParseError.TruncatedToken : CoapParseError.None;
    }

    static CoapParseError CheckOptions(ReadOnlySpan<byte> datagram, int offset, out int end)
    {
        var number = 0;
        var count = 0;
        for (end = offset; end < datagram.Length; end = offset)
        {
            if (datagram[offset] == PayloadMarker)
                return offset + 1 == datagram.Length ? CoapParseError.EmptyPayload : CoapParseError.None;
            if (++count > MaxOptions)
                return CoapParseError.TooManyOptions;

            var error = OptionHeader.Read(datagram, ref offset, ref number, out var length);
            if (error != CoapParseError.None)
                return error;
            offset += length;
        }

        return CoapParseError.None;
    }

    static CoapType TypeOf(ReadOnlySpan<byte> datagram) => (CoapType)((datagram[0] >> 4) & 3);

    static CoapCode CodeOf(ReadOnlySpan<byte> datagram) => (CoapCode)datagram[1];
}
