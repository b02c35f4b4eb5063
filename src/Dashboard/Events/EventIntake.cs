using System.Text;
using Contracts;
using Dashboard.Commands;
using Dashboard.Results;
using Messaging;

namespace Dashboard.Events;

/// <summary>What each record of the events topic is good for: streams, those who wait for an outcome, the last results.</summary>
sealed class EventIntake(EventHub hub, OutcomeWaiting waiting, OpenCommands commands, ResultTable results)
{
    public void Take(LogRecord record)
    {
        var type = EventRecord.TypeOf(record);
        hub.Tell(record, type);
        if (record.Value is null || type is not ("response" or "notify" or "ack"))
            return;
        // "0123...ef-0": the id of the uplink event, and the index of this one.
        var id = EventRecord.HeaderOf(record, EventHeaders.Id);
        var dash = id.LastIndexOf('-');
        id = dash < 0 ? id : id[..dash];
        var endpoint = Encoding.UTF8.GetString(record.Key);
        switch (type)
        {
            case "ack":
                commands.Acknowledged(endpoint, id);
                break;
            case "response":
                waiting.Tell(id, record.Value);
                Record(endpoint, record, id, action: null);
                break;
            default:
                Record(endpoint, record, id, "observe");
                break;
        }
    }

    // Time-outs and resets have no code and are not recorded, as with EMQX.
    void Record(string endpoint, in LogRecord record, string id, string? action)
    {
        if (EventSubject.TryRead(record.Value, out var subject))
            results.Answered(endpoint, subject.Path, action ?? subject.MsgType, record.Value!, id, record.TimestampMs);
    }
}
