using Protocol.Lwm2m.Definitions;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>Collects the items of one payload. What cannot be typed goes in as raw bytes with a note.</summary>
readonly struct ItemSink(DefinitionView definitions, int expected)
{
    readonly DefinitionView definitions = definitions;

    internal const string UnknownObjectNote = "no definition of the object";
    internal const string UnknownResourceNote = "the definition does not have this resource";

    internal List<DecodedItem> Items { get; } = new(Math.Min(expected, ContentDecoder.MaxItems));

    internal bool IsFull => Items.Count > ContentDecoder.MaxItems;

    internal void AddRaw(Lwm2mPath path, ReadOnlySpan<byte> bytes, string note) =>
        Items.Add(new DecodedItem(path, Lwm2mValue.Opaque(bytes.ToArray()), Note: note));

    /// <summary>The path must have three levels at least.</summary>
    internal void AddTlv(Lwm2mPath path, ReadOnlySpan<byte> bytes)
    {
        if (definitions.FindResource(path.ObjectId, path.ResourceId) is not { } resource)
            AddRaw(path, bytes, UnknownNote(path));
        else if (TlvValue.TryDecode(resource.Type, bytes, out var value, out var reason))
            Items.Add(new DecodedItem(path, value));
        else
            AddRaw(path, bytes, reason);
    }

    /// <inheritdoc cref="AddTlv"/>
    internal void AddText(Lwm2mPath path, ReadOnlySpan<byte> bytes)
    {
        if (definitions.FindResource(path.ObjectId, path.ResourceId) is not { } resource)
            AddRaw(path, bytes, UnknownNote(path));
        else if (TextValue.TryDecode(resource.Type, bytes, out var value, out var reason))
            Items.Add(new DecodedItem(path, value));
        else
            AddRaw(path, bytes, reason);
    }

    string UnknownNote(Lwm2mPath path) => definitions.FindObject(path.ObjectId) is null ? UnknownObjectNote : UnknownResourceNote;

    /// <summary>The content of a format that needs the definition of one object.</summary>
    internal DecodedContent ToContent(ushort objectId)
    {
        if (IsFull)
            return DecodedContent.Failed(ContentDecoder.TooManyItems);
        return DecodedContent.Of(Items, Items.Count > 0 && definitions.FindObject(objectId) is null ? objectId : null);
    }
}
