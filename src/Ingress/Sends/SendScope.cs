using Contracts;
using Protocol.Coap;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;

namespace Ingress.Sends;

/// <summary>
/// What a device may Send under its registration, and whether a payload is that (LwM2M Core 1.1 section 6.4.6). It is read without definitions:
/// what its bytes say wrong is told to the device, what a definition says of it is for the Translator.
/// </summary>
sealed class SendScope
{
    readonly bool _hasSend;
    readonly string _alternatePath;
    readonly ushort[] _objects;

    public SendScope(SessionRecord record)
    {
        _hasSend = NegotiatedVersion.Of(record.Lwm2MVersion).HasComposite;
        _alternatePath = record.AlternatePath;
        _objects = [.. ObjectsOf(record).Distinct().Order()];
    }

    /// <summary>A Send is taken or refused as a whole: who is told 2.04 knows that all of it will be delivered.</summary>
    /// <param name="contentFormat">Null where the request names none.</param>
    /// <param name="payload">All of it.</param>
    /// <param name="receivedMs">Unix time.</param>
    public SendVerdict Judge(ushort? contentFormat, ReadOnlySpan<byte> payload, long receivedMs)
    {
        // LwM2M 1.0 has no such resource.
        if (!_hasSend)
            return new SendVerdict(CoapCode.NotFound, "Send begins with LwM2M 1.1, and the registration is of 1.0");
        if (contentFormat is null)
            return new SendVerdict(CoapCode.BadRequest, "no Content-Format");
        if (contentFormat is not (ContentFormats.SenmlJson or ContentFormats.SenmlCbor or ContentFormats.Lwm2mCbor))
            return new SendVerdict(CoapCode.UnsupportedContentFormat, "Send takes SenML JSON, SenML CBOR and LwM2M CBOR");
        var context = new DecodeContext { RequestPath = default, Definitions = default, AlternatePath = _alternatePath, ReceivedAt = receivedMs };
        var content = ContentDecoder.Decode(contentFormat, payload, context);
        if (content.Error is { } error)
            return new SendVerdict(CoapCode.BadRequest, error);
        return content.Items.Count == 0 ? new SendVerdict(CoapCode.BadRequest, "no values") : Judge(content.Items);
    }

    SendVerdict Judge(IReadOnlyList<DecodedItem> items)
    {
        for (var i = 0; i < items.Count; i++)
        {
            var note = items[i].Note ?? (items[i].Value.Type == ResourceType.None ? "there is no value" : null);
            if (note is not null)
                return new SendVerdict(CoapCode.BadRequest, $"value {i + 1}, {items[i].Path}: {note}");
        }

        for (var i = 0; i < items.Count; i++)
        {
            if (Array.BinarySearch(_objects, items[i].Path.ObjectId) < 0)
                return new SendVerdict(CoapCode.NotFound, $"object {items[i].Path.ObjectId} is not registered");
        }

        return SendVerdict.Taken;
    }

    static IEnumerable<ushort> ObjectsOf(SessionRecord record)
    {
        foreach (var text in record.Registration?.ObjectList ?? [])
        {
            if (Lwm2mPath.TryParse(text, out var path) && !path.IsRoot)
                yield return path.ObjectId;
        }
    }
}
