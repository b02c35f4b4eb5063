using System.Text;
using Contracts;
using Protocol.Coap;
using Protocol.Lwm2m;

namespace Tools.Decoding;

/// <summary>What a request to a device means (LwM2M Core 1.1 section 6.3 and 6.4; OMA transport binding section 6.2).</summary>
static class RequestReading
{
    /// <summary>The path that it names; null where that is none of LwM2M.</summary>
    /// <param name="frame">A request.</param>
    /// <param name="alternatePath">Of the device: what goes before.</param>
    public static Lwm2mPath? PathOf(in CoapFrame frame, string alternatePath = "/")
    {
        var text = new StringBuilder();
        foreach (var segment in frame.UriPath)
            text.Append('/').Append(Encoding.UTF8.GetString(segment));
        var path = text.ToString();
        if (alternatePath.Length > 1 && (path + "/").StartsWith(alternatePath + "/", StringComparison.Ordinal))
            path = path[alternatePath.Length..];
        return Lwm2mPath.TryParse(path.Length == 0 ? "/" : path, out var parsed) ? parsed : null;
    }

    /// <summary>Null for a method that LwM2M does not have there.</summary>
    public static OperationKind? KindOf(in CoapFrame frame, Lwm2mPath path) => frame.Code switch
    {
        CoapCode.Get when frame.Observe == 0 => OperationKind.Observe,
        CoapCode.Get when frame.Observe == 1 => OperationKind.CancelObservation,
        CoapCode.Get when frame.Accept == ContentFormat.LinkFormat => OperationKind.Discover,
        CoapCode.Get => OperationKind.Read,
        CoapCode.Put when frame.Payload.IsEmpty && frame.ContentFormat is null => OperationKind.WriteAttributes,
        CoapCode.Put => OperationKind.WriteReplace,
        CoapCode.Post when path.Depth == 1 => OperationKind.Create,
        CoapCode.Post when path.Depth == 2 => OperationKind.WriteUpdate,
        CoapCode.Post when path.Depth == 3 => OperationKind.Execute,
        CoapCode.Delete => OperationKind.Delete,
        _ => null,
    };

    /// <summary>As the specification calls it.</summary>
    public static string NameOf(OperationKind kind) => kind switch
    {
        OperationKind.CancelObservation => "Cancel Observation",
        OperationKind.WriteAttributes => "Write-Attributes",
        OperationKind.WriteReplace => "Write (replace)",
        OperationKind.WriteUpdate => "Write (partial update)",
        OperationKind.WriteComposite => "Write-Composite",
        _ => kind.ToString(),
    };

    /// <summary>As commands call it.</summary>
    public static string MsgTypeOf(OperationKind kind) => kind switch
    {
        OperationKind.CancelObservation => "cancel-observe",
        OperationKind.WriteAttributes => "write-attr",
        OperationKind.WriteReplace or OperationKind.WriteUpdate => "write",
        OperationKind.WriteComposite => "write-composite",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
