using System.Text;
using Contracts;
using Messaging;

namespace Dashboard.Events;

/// <summary>The headers of a record of the events topic.</summary>
static class EventRecord
{
    const string TypePrefix = "lwm2m.";

    /// <summary>Empty where there is none.</summary>
    public static string HeaderOf(in LogRecord record, string name)
    {
        // By index: the list is an array, and its enumerator would be allocated.
        for (var i = 0; i < record.Headers.Count; i++)
        {
            if (record.Headers[i].Name == name)
                return Encoding.UTF8.GetString(record.Headers[i].Value);
        }

        return "";
    }

    /// <summary>"notify".</summary>
    public static string TypeOf(in LogRecord record)
    {
        var type = HeaderOf(record, EventHeaders.Type);
        return type.StartsWith(TypePrefix, StringComparison.Ordinal) ? type[TypePrefix.Length..] : type;
    }
}
