using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>
/// A record to be written: a value, or a group of records. A value that comes twice counts the last time and moves to the end.
/// </summary>
sealed class TlvNode(ushort id)
{
    readonly List<TlvNode> children = [];
    Lwm2mValue? value;

    internal TlvNode AddGroup(ushort childId)
    {
        var group = new TlvNode(childId);
        children.Add(group);
        return group;
    }

    /// <summary>False where a value already stands in the place of a group, or the other way round.</summary>
    internal bool TryAdd(Lwm2mPath path, Lwm2mValue added)
    {
        var node = this;
        for (var level = 0; level < path.Depth - 1; level++)
        {
            var childId = path[level];
            node = node.children.Find(child => child.Id == childId) ?? node.AddGroup(childId);
            if (node.value is not null)
                return false;
        }
        var last = path[path.Depth - 1];
        var index = node.children.FindIndex(child => child.Id == last);
        if (index >= 0)
        {
            if (node.children[index].value is null)
                return false;
            node.children.RemoveAt(index);
        }
        node.AddGroup(last).value = added;
        return true;
    }

    /// <summary>False where a record would be longer than TLV can tell.</summary>
    internal bool TryWriteChildren(TlvWriter writer, TlvKind kind)
    {
        foreach (var child in children)
        {
            if (!child.TryWrite(writer, kind))
                return false;
        }
        return true;
    }

    ushort Id => id;

    bool TryWrite(TlvWriter writer, TlvKind kind)
    {
        if (value is { } single)
        {
            var bytes = TlvValue.Encode(single);
            if (bytes.Length > TlvWriter.MaxValueLength)
                return false;
            writer.Write(kind, id, bytes);
            return true;
        }
        var content = new TlvWriter();
        var inInstance = kind == TlvKind.ObjectInstance;
        if (!TryWriteChildren(content, inInstance ? TlvKind.Resource : TlvKind.ResourceInstance)
            || content.Written.Length > TlvWriter.MaxValueLength)
            return false;
        writer.Write(inInstance ? kind : TlvKind.MultipleResource, id, content.Written);
        return true;
    }
}
