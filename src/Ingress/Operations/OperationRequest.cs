using Contracts;
using Protocol.Coap;
using Protocol.Coap.Blockwise;
using Protocol.Lwm2m;

namespace Ingress.Operations;

/// <summary>Writes the CoAP request of an operation (LwM2M Core 1.1 section 6.3 and 6.4; OMA transport binding section 6.2).</summary>
static class OperationRequest
{
    /// <summary>False where it does not fit into a datagram.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="alternatePath">Of the device: goes before the path.</param>
    /// <param name="messageId">Of the request.</param>
    /// <param name="token">Of the request.</param>
    /// <param name="blocks">Which part of the body it carries, and of the answer it asks for.</param>
    /// <param name="buffer">Where it is written.</param>
    /// <param name="length">Bytes written.</param>
    public static bool TryWrite(
        DownlinkOperation operation, string alternatePath, ushort messageId, CoapToken token, in BlockRequest blocks, Span<byte> buffer, out int length)
    {
        Span<byte> bytes = stackalloc byte[CoapFrame.MaxTokenLength];
        var writer = new CoapWriter(buffer, CoapType.Confirmable, MethodOf(operation), messageId, token.CopyTo(bytes));
        if (!blocks.IsFollowUp && operation.Kind is OperationKind.Observe or OperationKind.CancelObservation)
            writer.AddOption(CoapOptionNumber.Observe, operation.Kind == OperationKind.Observe ? 0u : 1u);
        if (alternatePath.Length > 1)
            writer.AddUriPath(alternatePath);
        // A composite operation is one on the root, which names its paths in the payload.
        if (operation.Path.Length > 1 && !PathList.IsList(operation.Path))
            writer.AddUriPath(operation.Path);
        if (operation.HasContentFormat && (!blocks.IsFollowUp || !blocks.Payload.IsEmpty))
            writer.AddOption(CoapOptionNumber.ContentFormat, operation.ContentFormat);
        foreach (var query in operation.Queries)
            writer.AddOption(CoapOptionNumber.UriQuery, query);
        if (operation.HasAccept)
            writer.AddOption(CoapOptionNumber.Accept, operation.Accept);
        if (blocks.Block2 is { } wanted)
            writer.AddOption(CoapOptionNumber.Block2, wanted.Value);
        if (blocks.Block1 is { } part)
            writer.AddOption(CoapOptionNumber.Block1, part.Value);
        if (blocks.Size1 is { } size)
            writer.AddOption(CoapOptionNumber.Size1, size);
        writer.AddPayload(blocks.Payload.Span);
        return writer.TryFinish(out length);
    }

    /// <summary>Whether the answer to such an operation is content.</summary>
    public static bool AsksForContent(DownlinkOperation operation) => MethodOf(operation) is CoapCode.Get or CoapCode.Fetch;

    /// <summary>Whether what it asks for stands in its payload.</summary>
    public static bool AsksByPayload(DownlinkOperation operation) => MethodOf(operation) == CoapCode.Fetch;

    static CoapCode MethodOf(DownlinkOperation operation) => operation.Kind switch
    {
        OperationKind.WriteReplace or OperationKind.WriteAttributes => CoapCode.Put,
        OperationKind.WriteUpdate or OperationKind.Execute or OperationKind.Create => CoapCode.Post,
        OperationKind.WriteComposite => CoapCode.IPatch,
        OperationKind.Delete => CoapCode.Delete,
        _ => PathList.IsList(operation.Path) ? CoapCode.Fetch : CoapCode.Get,
    };
}
