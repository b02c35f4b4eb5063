using Contracts;
using Contracts.Configuration;
using Protocol.Lwm2m;

namespace Translator.Uplink;

/// <summary>Publish condition, topic and JSON.</summary>
internal static class EventShaper
{
    private const byte FirmwareObject = 5;

    /// <summary>The events of one uplink event; none where the publish condition is not met.</summary>
    public static IReadOnlyList<DeviceEvent> Shape(Interpretation read)
    {
        var (uplink, rules) = (read.Event, read.Rules);
        if (uplink.Kind == EventKind.Updated && uplink.Registration is not { HasObjectList: true }
            && rules.Lwm2m.UpdateMsgPublishCondition == UpdateMsgPublishCondition.ContainsObjectList)
        {
            return [];
        }

        var (type, topic, qos) = Address(uplink, rules);
        if (!TranslationRules.IsTopicName(topic))
        {
            throw new NotSupportedException($"{topic} is no topic that can be published on");
        }

        var command = uplink.Kind is EventKind.Outcome or EventKind.Acknowledged ? uplink.Command : null;
        return
        [
            new DeviceEvent
            {
                Key = uplink.Endpoint,
                Id = new EventId(uplink.IdHigh, uplink.IdLow) + "-0",
                Type = type,
                Source = rules.Source,
                Topic = topic,
                Qos = qos,
                Json = EventJson.Write(read),
                Correlation = command is { CorrelationData.IsEmpty: false } ? command.CorrelationData.ToByteArray() : null,
            },
        ];
    }

    private static (string Type, string Topic, int Qos) Address(UplinkEvent uplink, TranslationRules rules)
    {
        var topics = rules.Topics;
        var (type, mapping) = uplink.Kind switch
        {
            EventKind.Registered => (EventTypes.Register, topics.Register),
            EventKind.Updated => (EventTypes.Update, topics.Update),
            EventKind.Deregistered => (EventTypes.Deregister, rules.Lifecycle),
            EventKind.Expired => (EventTypes.Expired, rules.Lifecycle),
            EventKind.Replaced => (EventTypes.Replaced, rules.Lifecycle),
            EventKind.Notified => (EventTypes.Notify, topics.Notify),
            EventKind.Sent => (EventTypes.Send, rules.Send),
            EventKind.Acknowledged => (EventTypes.Ack, topics.Response),
            EventKind.Outcome => (EventTypes.Response, ResponseOf(uplink.Command?.MsgType, topics)),
            _ => throw new NotSupportedException($"events of kind {uplink.Kind} are not known"),
        };

        // MQTT 5: who names a response topic gets the outcome there, and there only.
        if (uplink.Kind == EventKind.Outcome && uplink.Command is { ResponseTopic: { Length: > 0 } wanted } && rules.MayAnswerOn(wanted))
        {
            return (type, wanted, mapping.Qos);
        }

        var prefix = rules.PrefixOf(uplink);
        return uplink.Kind == EventKind.Notified && IsFirmware(uplink.Path)
            ? (type, prefix + "/v1/up/dm", 0)
            : (type, prefix + mapping.Topic, mapping.Qos);
    }

    // A command can name the msgType of an event, which is refused on that event's topic, as EMQX does.
    private static TopicMapping ResponseOf(string? msgType, TopicMappings topics) => msgType switch
    {
        "notify" => topics.Notify,
        "register" => topics.Register,
        "update" => topics.Update,
        _ => topics.Response,
    };

    private static bool IsFirmware(string path) =>
        Lwm2mPath.TryParse(path, out var parsed) && parsed is { IsRoot: false, ObjectId: FirmwareObject };
}
