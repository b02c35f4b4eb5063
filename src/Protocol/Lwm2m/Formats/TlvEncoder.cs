using System.Diagnostics.CodeAnalysis;
using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Formats;

/// <summary>Values below a path as TLV records, in the order of the values.</summary>
static class TlvEncoder
{
    internal static bool TryEncode(
        Lwm2mPath basePath, IReadOnlyList<ResourceValue> values, bool multiple, out byte[] payload, [NotNullWhen(false)] out string? reason)
    {
        payload = [];
        if (basePath.Depth == 4 && values.Count != 1)
        {
            reason = $"{basePath} takes exactly one value";
            return false;
        }
        // Paths of one level below an object are resources of an instance whose number the device chooses.
        var withInstances = basePath.Depth == 1 && !values.Any(value => value.Path.Depth == 1);
        var oneResource = basePath.Depth == 3 && values.Count == 1 && (values[0].Path.IsRoot || !multiple);

        var top = new TlvNode(0);
        if (basePath.Depth == 3 && !oneResource)
            top.AddGroup(basePath.ResourceId);
        foreach (var (path, value) in values)
        {
            Lwm2mPath? place = basePath.Depth switch
            {
                1 when withInstances => path.Depth is 2 or 3 ? path : null,
                1 or 2 => path.Depth is 1 or 2 ? path : null,
                3 when oneResource => new Lwm2mPath(basePath.ResourceId),
                3 => path.Depth == 1 ? new Lwm2mPath(basePath.ResourceId, path[0]) : null,
                4 => path.IsRoot ? new Lwm2mPath(basePath.ResourceInstanceId) : null,
                _ => null,
            };
            if (place is null)
            {
                reason = $"the path {path} of the content does not fit below {basePath}";
                return false;
            }
            if (!top.TryAdd(place.Value, value))
            {
                reason = $"the path {path} of the content is given as one value and as several";
                return false;
            }
        }

        var writer = new TlvWriter();
        var kind = withInstances ? TlvKind.ObjectInstance : basePath.Depth == 4 ? TlvKind.ResourceInstance : TlvKind.Resource;
        if (!top.TryWriteChildren(writer, kind))
        {
            reason = $"more than {TlvWriter.MaxValueLength} bytes in one TLV record";
            return false;
        }
        payload = writer.Written.ToArray();
        reason = null;
        return true;
    }
}
