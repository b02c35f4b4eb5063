using Protocol.Lwm2m.Cbor;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>
/// LwM2M CBOR (LwM2M Core 1.2 section 7.4.7): maps in maps, from ids to values. A key is an id, or an array of the ids of several levels.
/// Paths begin at the object; where they do not fit the request so, below the request's path.
/// </summary>
static class Lwm2mCborDecoder
{
    // What a value with its key usually takes, in bytes; room for the items is made by it.
    const int UsualSize = 5;

    internal static DecodedContent Decode(ReadOnlySpan<byte> payload, in DecodeContext context)
    {
        var reader = new CborReader(payload);
        if (!reader.TryOpen(CborMajor.Map, out var entries))
            return DecodedContent.Failed(reader.Fault!);
        var items = new List<DecodedItem>(Math.Clamp(payload.Length / UsualSize, 1, 64));
        var whole = TryEntries(ref reader, entries, default, context, items);
        if (items.Count > ContentDecoder.MaxItems)
            return DecodedContent.Failed(ContentDecoder.TooManyItems);
        if (!whole)
            return DecodedContent.Failed(reader.Fault!);
        return reader.IsAtEnd
            ? DecodedContent.Of(items)
            : DecodedContent.Failed($"bytes after the LwM2M CBOR map, from byte {reader.Position}");
    }

    // Each call is a level of the path deeper, of which there are four.
    static bool TryEntries(scoped ref CborReader reader, CborCount entries, Lwm2mPath place, in DecodeContext context, List<DecodedItem> items)
    {
        while (reader.HasNext(ref entries))
        {
            if (items.Count > ContentDecoder.MaxItems)
                return false;
            var start = reader.Position;
            if (!TryKey(ref reader, place, out var path, out var note))
                return false;
            if (note is null && reader.IsNext(CborMajor.Map))
            {
                if (path.Depth < Lwm2mPath.MaxDepth)
                {
                    if (!reader.TryOpen(CborMajor.Map, out var inner) || !TryEntries(ref reader, inner, path, context, items))
                        return false;
                    continue;
                }
                note = "a map below a resource instance";
            }
            if (!reader.TryValue(out var wire))
                return false;
            var item = context.RequestPath;
            if (note is null && ItemPath.TryResolve(path, isAbsolute: false, context, out item, out note) && item.Depth < 3)
                note = "the keys do not name a resource";
            if (note is null && TryValue(context, item, wire, out var value, out note))
                items.Add(new DecodedItem(item, value));
            else
                items.Add(new DecodedItem(item, Lwm2mValue.Opaque(reader.Since(start).ToArray()), Note: note));
        }
        return reader.Fault is null;
    }

    // Null is what a patch removes.
    static bool TryValue(in DecodeContext context, Lwm2mPath path, in WireValue wire, out Lwm2mValue value, out string? note)
    {
        value = Lwm2mValue.None;
        note = null;
        return wire.Kind == WireKind.Null
            || WireTyping.TryType(context.Definitions.FindResource(path.ObjectId, path.ResourceId)?.Type, wire, out value, out note);
    }

    /// <summary>False where the CBOR is broken. A key that is no path gives a note; it has been passed over.</summary>
    static bool TryKey(scoped ref CborReader reader, Lwm2mPath place, out Lwm2mPath path, out string? note)
    {
        path = place;
        note = null;
        if (!reader.IsNext(CborMajor.Array))
        {
            if (!reader.TryValue(out var id))
                return false;
            Step(id, ref path, ref note);
            return true;
        }
        if (!reader.TryOpen(CborMajor.Array, out var ids))
            return false;
        while (reader.HasNext(ref ids))
        {
            if (!reader.TryValue(out var id))
                return false;
            Step(id, ref path, ref note);
        }
        if (path == place)
            note ??= "a key without ids";
        return reader.Fault is null;
    }

    static void Step(in WireValue id, ref Lwm2mPath path, ref string? note)
    {
        if (!id.TryUnsigned(out var number) || number > ushort.MaxValue)
            note ??= id.Kind == WireKind.Text ? "the prefix of a gateway's device is not understood" : "a key that is not an id";
        else if (path.Depth == Lwm2mPath.MaxDepth)
            note ??= "a path of more than four levels";
        else
            path = path.Append((ushort)number);
    }
}
