using System.Diagnostics.CodeAnalysis;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Senml;

/// <summary>
/// Applies the base fields to the records of a pack, in order, and collects what they say (RFC 8428 section 4.6). A record that cannot be
/// understood goes in as the bytes that it was, with a note; the others are not disturbed.
/// </summary>
ref struct SenmlPack
{
    /// <summary>In bytes, of base name and name together.</summary>
    internal const int MaxNameLength = 256;

    readonly DecodeContext context;
    readonly SenmlUse use;
    readonly List<DecodedItem> items;
    ReadOnlySpan<byte> baseName;
    Lwm2mPath? basePath;
    double? baseTime;
    WireValue baseValue;
    string? refusal;

    internal SenmlPack(in DecodeContext context, SenmlUse use, int expected)
    {
        this.context = context;
        this.use = use;
        items = new List<DecodedItem>(Math.Min(expected, ContentDecoder.MaxItems));
    }

    internal readonly bool IsRefused => refusal is not null;

    /// <param name="raw">The record as it stands in the payload.</param>
    /// <returns>False where the pack is to be refused; no more records are needed.</returns>
    internal bool Add(scoped in SenmlRecord record, ReadOnlySpan<byte> raw)
    {
        refusal ??= record.Refusal ?? (items.Count == ContentDecoder.MaxItems ? ContentDecoder.TooManyItems : null);
        if (refusal is not null)
            return false;
        if (record.Has(SenmlLabel.BaseName))
        {
            baseName = record.BaseName;
            basePath = PathOf(baseName);
        }
        if (record.Has(SenmlLabel.BaseTime))
            baseTime = record.BaseTime;
        if (record.Has(SenmlLabel.BaseValue))
            baseValue = record.BaseValue;
        if (!SaysNothing(record))
            Resolve(record, raw);
        return true;
    }

    /// <summary>Something that stands in the place of a record.</summary>
    internal bool AddForeign(scoped ReadOnlySpan<byte> raw)
    {
        if (items.Count == ContentDecoder.MaxItems)
            refusal ??= ContentDecoder.TooManyItems;
        else
            AddRaw(context.RequestPath, raw, "not a SenML record");
        return refusal is null;
    }

    internal readonly DecodedContent ToContent() => refusal is null ? DecodedContent.Of(items) : DecodedContent.Failed(refusal);

    // A record may hold base fields for those that follow, and nothing else.
    readonly bool SaysNothing(scoped in SenmlRecord record)
    {
        if (record.Fault is not null || record.Has(SenmlLabel.Name) || record.Value.Kind != WireKind.Absent)
            return false;
        var hasBase = record.Has(SenmlLabel.BaseName) || record.Has(SenmlLabel.BaseTime) || record.Has(SenmlLabel.BaseValue)
            || record.Has(SenmlLabel.BaseUnit) || record.Has(SenmlLabel.BaseVersion);
        return hasBase && (use != SenmlUse.Paths || record.BaseName is not [.., not (byte)'/']);
    }

    readonly void Resolve(scoped in SenmlRecord record, scoped ReadOnlySpan<byte> raw)
    {
        var note = TryPath(record.Name, out var path, out var unnamed) ? record.Fault : record.Fault ?? unnamed;
        if (note is null && use == SenmlUse.Paths)
        {
            items.Add(new DecodedItem(path, Lwm2mValue.None));
            return;
        }
        if (note is null && path.Depth < 3)
            note = "the name does not name a resource";
        long? timestamp = null;
        if (note is null && (baseTime is not null || record.Has(SenmlLabel.Time)))
        {
            if (SenmlTime.TryResolve((baseTime ?? 0) + record.Time, context.ReceivedAt, out var resolved))
                timestamp = resolved;
            else
                note = "the time is no date";
        }
        if (note is null && TryValue(path, record.Value, out var value, out note))
            items.Add(new DecodedItem(path, value, timestamp));
        else
            AddRaw(path, raw, note!);
    }

    readonly bool TryPath(scoped ReadOnlySpan<byte> name, out Lwm2mPath path, [NotNullWhen(false)] out string? note)
    {
        if (baseName.IsEmpty)
            return ItemPath.TryResolve(name, context, within: use != SenmlUse.Paths, out path, out note);
        if (name.IsEmpty)
            return ItemPath.TryResolve(baseName, context, within: use != SenmlUse.Paths, out path, out note);
        if (basePath is { } parent && name[0] != '/' && Lwm2mPath.TryParse(name, out var rest) && parent.TryAppend(rest, out path))
            return ItemPath.TryResolve(path, baseName[0] == '/', context, within: use != SenmlUse.Paths, out path, out note);
        path = context.RequestPath;
        note = "the name is too long";
        if (baseName.Length + name.Length > MaxNameLength)
            return false;
        Span<byte> joined = stackalloc byte[MaxNameLength];
        baseName.CopyTo(joined);
        name.CopyTo(joined[baseName.Length..]);
        return ItemPath.TryResolve(joined[..(baseName.Length + name.Length)], context, within: use != SenmlUse.Paths, out path, out note);
    }

    // What nearly every device sends is read once: a path and a slash behind it. With an alternate path only the whole name tells where that ends.
    readonly Lwm2mPath? PathOf(ReadOnlySpan<byte> name) =>
        name is [.., (byte)'/'] && context.AlternatePath is not { Length: > 1 } && Lwm2mPath.TryParse(name, out var path) ? path : null;

    readonly bool TryValue(Lwm2mPath path, scoped in WireValue wire, out Lwm2mValue value, [NotNullWhen(false)] out string? note)
    {
        value = Lwm2mValue.None;
        note = null;
        if (wire.Kind == WireKind.Null && use == SenmlUse.Patch)
            return true;
        var type = context.Definitions.FindResource(path.ObjectId, path.ResourceId)?.Type;
        return wire.IsNumber && baseValue.IsNumber
            ? WireTyping.TryType(type, WireValue.Sum(wire, baseValue), out value, out note)
            : WireTyping.TryType(type, wire, out value, out note);
    }

    readonly void AddRaw(Lwm2mPath path, scoped ReadOnlySpan<byte> raw, string note) =>
        items.Add(new DecodedItem(path, Lwm2mValue.Opaque(raw.ToArray()), Note: note));
}
