namespace Protocol.Lwm2m.Formats;

/// <summary>What a payload says: an error and no items, or all that the payload holds in items.</summary>
public sealed class DecodedContent
{
    readonly List<DecodedItem> items;

    DecodedContent(List<DecodedItem> items, ushort? unknownObject, string? error, bool isForeign = false)
    {
        this.items = items;
        UnknownObject = unknownObject;
        Error = error;
        IsForeign = isForeign;
    }

    public IReadOnlyList<DecodedItem> Items => items;

    /// <summary>
    /// An object that has no definition although the format needs one. Its items hold raw bytes and a note; whether they are published or
    /// the payload is refused is for the caller to say.
    /// </summary>
    public ushort? UnknownObject { get; }

    /// <summary>One sentence, where the payload as a whole cannot be understood.</summary>
    public string? Error { get; }

    /// <summary>The content format is one that nobody here knows: the only item is the payload as it came.</summary>
    public bool IsForeign { get; }

    internal static DecodedContent Foreign(DecodedItem payload) => new([payload], null, null, isForeign: true);

    internal static DecodedContent Of(List<DecodedItem> items, ushort? unknownObject = null)
    {
        RepeatedItems.Mark(items);
        return new DecodedContent(items, unknownObject, null);
    }

    internal static DecodedContent Failed(string error) => new([], null, error);
}
