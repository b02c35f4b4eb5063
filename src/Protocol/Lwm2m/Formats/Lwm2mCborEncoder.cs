using System.Diagnostics.CodeAnalysis;
using Protocol.Lwm2m.Cbor;

namespace Protocol.Lwm2m.Formats;

/// <summary>LwM2M CBOR (LwM2M Core 1.2 section 7.4.7) from the object down, in the order of the ids.</summary>
static class Lwm2mCborEncoder
{
    internal static bool TryEncode(List<TimedValue> values, out byte[] payload, [NotNullWhen(false)] out string? reason)
    {
        payload = [];
        reason = values.Exists(value => value.Timestamp is not null) ? "LwM2M CBOR carries no times" : null;
        if (reason is not null)
            return false;
        values.Sort((left, right) => left.Path.CompareTo(right.Path));
        var writer = new CborWriter();
        WriteMap(writer, values, 0, values.Count, level: 0);
        payload = writer.Written.ToArray();
        return true;
    }

    // The values from start to end have the levels above in common.
    static void WriteMap(CborWriter writer, List<TimedValue> values, int start, int end, int level)
    {
        var count = 0ul;
        for (var i = start; i < end; i = EndOfGroup(values, i, end, level))
            count++;
        writer.Head(CborMajor.Map, count);
        for (var i = start; i < end;)
        {
            var next = EndOfGroup(values, i, end, level);
            writer.Integer(values[i].Path[level]);
            if (values[i].Path.Depth == level + 1)
                writer.Value(values[i].Value);
            else
                WriteMap(writer, values, i, next, level + 1);
            i = next;
        }
    }

    static int EndOfGroup(List<TimedValue> values, int start, int end, int level)
    {
        var id = values[start].Path[level];
        while (start < end && values[start].Path[level] == id)
            start++;
        return start;
    }
}
