using System.Text;
using Contracts;
using Messaging;

namespace Dashboard.Events;

/// <summary>The headers of a record of the events topic.</summary>
static class EventRecord
{
    static readonly (byte[] Written, string Name)[] Known = [.. EventFilter.KnownTypes.Select(name => (Encoding.UTF8.GetBytes("lwm2m." + name), name))];

    /// <summary>Empty where there is none.</summary>
    public static string HeaderOf(in LogRecord record, string name) => Encoding.UTF8.GetString(BytesOf(record, name));

    /// <summary>"notify"; empty for a type that is not known.</summary>
    public static string TypeOf(in LogRecord record)
    {
        var type = BytesOf(record, EventHeaders.Type);
        foreach (var (written, name) in Known)
        {
            if (type.SequenceEqual(written))
                return name;
        }

        return "";
    }

    // By index: the list is an array, and its enumerator would be allocated.
    static ReadOnlySpan<byte> BytesOf(in LogRecord record, string name)
    {
        for (var i = 0; i < record.Headers.Count; i++)
        {
            if (record.Headers[i].Name == name)
                return record.Headers[i].Value;
        }

        return default;
    }
}
