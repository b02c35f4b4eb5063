using Protocol.Coap;
using Protocol.Lwm2m;

namespace Tools.Load;

/// <summary>What a load device answers to a gateway: reads and observations of its one resource; everything else it refuses.</summary>
static class LoadRequests
{
    static readonly Lwm2mPath Resource = new(3303, 0, 5700);

    /// <summary>Writes the answer and gives its length. <paramref name="observedDepth"/> is how many levels are observed from now on, 0 for none.</summary>
    public static int Answer(Span<byte> buffer, LoadDevice device, in CoapFrame frame, out int observedDepth)
    {
        observedDepth = device.ObservedDepth;
        var type = frame.Type == CoapType.Confirmable ? CoapType.Acknowledgement : CoapType.NonConfirmable;
        if (frame.Code != CoapCode.Get)
            return LoadMessages.Refusal(buffer, type, CoapCode.MethodNotAllowed, frame.MessageId, frame.Token);
        if (!TryReadPath(frame, out var path))
            return LoadMessages.Refusal(buffer, type, CoapCode.NotFound, frame.MessageId, frame.Token);

        uint? sequence = null;
        if (frame.Observe == 0)
        {
            sequence = device.ObserveSequence;
            device.ObserveToken = new CoapToken(frame.Token);
            observedDepth = path.Depth;
        }
        else if (frame.Observe == 1)
        {
            observedDepth = 0;
        }
        return LoadMessages.Value(buffer, type, frame.MessageId, frame.Token, sequence, path.Depth, device.Number);
    }

    static bool TryReadPath(in CoapFrame frame, out Lwm2mPath path)
    {
        Span<byte> text = stackalloc byte[Lwm2mPath.MaxLength];
        var length = 0;
        path = default;
        foreach (var segment in frame.UriPath)
        {
            if (segment.Length + 1 > text.Length - length)
                return false;
            text[length++] = (byte)'/';
            segment.CopyTo(text[length..]);
            length += segment.Length;
        }
        return Lwm2mPath.TryParse(text[..length], out path) && path.Depth > 0 && path.IsPrefixOf(Resource);
    }
}
