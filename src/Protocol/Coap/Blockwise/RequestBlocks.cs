using System.Buffers.Binary;

namespace Protocol.Coap.Blockwise;

/// <summary>What a request says of blocks, and which requests belong together.</summary>
/// <param name="Target">Digest of method, path and query: equal for all blocks of one request and of one answer.</param>
/// <param name="Block1">The block of the request's body that it carries.</param>
/// <param name="Block2">The block of the answer that it asks for.</param>
public readonly record struct RequestBlocks(ulong Target, BlockOption? Block1, BlockOption? Block2)
{
    public static RequestBlocks Of(in CoapFrame request) => new(TargetOf(request), request.Block1, request.Block2);

    /// <summary>
    /// Tells the bodies of one client apart: the target, the Request-Tag (RFC 9175 section 3), and the content format, so that a block of
    /// another format finds no body (RFC 7959 section 2.3).
    /// </summary>
    public static ulong BodyOf(in CoapFrame request)
    {
        var digest = TargetOf(request);
        foreach (var option in request.Options)
        {
            if (option.Number is CoapOptionNumber.RequestTag or CoapOptionNumber.ContentFormat)
                digest = Mix(digest, option);
        }

        return digest;
    }

    static ulong TargetOf(in CoapFrame request)
    {
        var digest = (ulong)request.Code;
        foreach (var option in request.Options)
        {
            if (option.Number is CoapOptionNumber.UriPath or CoapOptionNumber.UriQuery)
                digest = Mix(digest, option);
        }

        return digest;
    }

    static ulong Mix(ulong digest, in CoapOption option)
    {
        Span<byte> link = stackalloc byte[sizeof(ulong) + sizeof(ushort) + sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(link, digest);
        BinaryPrimitives.WriteUInt16LittleEndian(link[sizeof(ulong)..], option.Number);
        BinaryPrimitives.WriteUInt64LittleEndian(link[(sizeof(ulong) + sizeof(ushort))..], MessageDigest.Of(option.Value));
        return MessageDigest.Of(link);
    }
}
