using Contracts;
using Protocol.Coap;

namespace Ingress.Operations;

/// <summary>Writes the CoAP request of an operation (LwM2M Core 1.1 section 6.3 and 6.4; OMA transport binding section 6.2).</summary>
static class OperationRequest
{
    /// <summary>False where it does not fit into a datagram.</summary>
    public static bool TryWrite(DownlinkOperation operation, string alternatePath, ushort messageId, CoapToken token, Span<byte> buffer, out int length)
    {
        Span<byte> bytes = stackalloc byte[CoapFrame.MaxTokenLength];
        var writer = new CoapWriter(buffer, CoapType.Confirmable, MethodOf(operation.Kind), messageId, token.CopyTo(bytes));
        if (operation.Kind is OperationKind.Observe or OperationKind.CancelObservation)
            writer.AddOption(CoapOptionNumber.Observe, operation.Kind == OperationKind.Observe ? 0u : 1u);
        if (alternatePath.Length > 1)
            writer.AddUriPath(alternatePath);
        if (operation.Path.Length > 1)
            writer.AddUriPath(operation.Path);
        if (operation.HasContentFormat)
            writer.AddOption(CoapOptionNumber.ContentFormat, operation.ContentFormat);
        foreach (var query in operation.Queries)
            writer.AddOption(CoapOptionNumber.UriQuery, query);
        if (operation.HasAccept)
            writer.AddOption(CoapOptionNumber.Accept, operation.Accept);
        writer.AddPayload(operation.Payload.Span);
        return writer.TryFinish(out length);
    }

    static CoapCode MethodOf(OperationKind kind) => kind switch
    {
        OperationKind.WriteReplace or OperationKind.WriteAttributes => CoapCode.Put,
        OperationKind.WriteUpdate or OperationKind.Execute or OperationKind.Create => CoapCode.Post,
        OperationKind.Delete => CoapCode.Delete,
        _ => CoapCode.Get,
    };
}
