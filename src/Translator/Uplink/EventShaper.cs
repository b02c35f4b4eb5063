using Contracts;
using Contracts.Configuration;
using Protocol.Lwm2m;

namespace Translator.Uplink;

/// <summary>Publish condition, topic and JSON.</summary>
internal static class EventShaper
{
    private const byte FirmwareObject = 5;

    /// <summary>The events of one uplink event, the state that is kept last; none where the publish condition is not met.</summary>
    public static IReadOnlyList<DeviceEvent> Shape(Interpretation read)
    {
        var (uplink, rules) = (read.Event, read.Rules);
        if (uplink.Kind == EventKind.Updated && uplink.Registration is not { HasObjectList: true }
            && rules.Lwm2m.UpdateMsgPublishCondition == UpdateMsgPublishCondition.ContainsObjectList)
        {
            return [];
        }

        if (uplink.Kind == EventKind.DtlsFailed)
        {
            return [OfNobody(read)];
        }

        var (type, mapping, denial) = KindOf(uplink, rules);
        var command = uplink.Kind is EventKind.Outcome or EventKind.Acknowledged ? uplink.Command : null;
        var device = new DeviceEvent
        {
            Key = uplink.Endpoint,
            Id = new EventId(uplink.IdHigh, uplink.IdLow) + "-0",
            Type = type,
            Source = rules.Source,
            Topic = IsDenied(uplink, denial) ? null : TopicOf(uplink, rules, mapping),
            Qos = mapping.Qos,
            Json = EventJson.Write(read),
            Correlation = command is { CorrelationData.IsEmpty: false } ? command.CorrelationData.ToByteArray() : null,
        };
        return OnlineState.Of(uplink, rules) is { } state ? [device, state] : [device];
    }

    /// <summary>What the device's authorization says of a mapping.</summary>
    public static bool IsDenied(UplinkEvent uplink, Denied denial) => (uplink.Denied & (uint)denial) != 0;

    /// <summary>Prefix and topic together.</summary>
    public static string TopicOf(UplinkEvent uplink, TranslationRules rules, TopicMapping mapping)
    {
        // MQTT 5: who names a response topic gets the outcome there, and there only.
        var topic = uplink.Kind == EventKind.Outcome && uplink.Command is { ResponseTopic: { Length: > 0 } wanted } && rules.MayAnswerOn(wanted)
            ? wanted
            : rules.PrefixOf(uplink) + mapping.Topic;
        return TranslationRules.IsTopicName(topic) ? topic : throw new NotSupportedException($"{topic} is no topic that can be published on");
    }

    // Who says what he likes about himself has no mountpoint, and nobody subscribes to him.
    private static DeviceEvent OfNobody(Interpretation read) => new()
    {
        Key = read.Event.Endpoint,
        Id = new EventId(read.Event.IdHigh, read.Event.IdLow) + "-0",
        Type = EventTypes.DtlsFailed,
        Source = read.Rules.Source,
        Topic = null,
        Qos = 0,
        Json = EventJson.Write(read),
    };

    private static (string Type, TopicMapping Mapping, Denied Denial) KindOf(UplinkEvent uplink, TranslationRules rules)
    {
        var topics = rules.Topics;
        return uplink.Kind switch
        {
            EventKind.Registered => (EventTypes.Register, topics.Register, Denied.Register),
            EventKind.Updated => (EventTypes.Update, topics.Update, Denied.Update),
            EventKind.Deregistered => (EventTypes.Deregister, rules.Lifecycle, Denied.Lifecycle),
            EventKind.Expired => (EventTypes.Expired, rules.Lifecycle, Denied.Lifecycle),
            EventKind.Replaced => (EventTypes.Replaced, rules.Lifecycle, Denied.Lifecycle),
            EventKind.Notified when IsFirmware(uplink.Path) => (EventTypes.Notify, TopicMappings.Firmware, Denied.Firmware),
            EventKind.Notified => (EventTypes.Notify, topics.Notify, Denied.Notify),
            EventKind.Sent => (EventTypes.Send, rules.Send, Denied.Send),
            EventKind.Acknowledged => (EventTypes.Ack, topics.Response, Denied.Response),
            // A command can name the msgType of an event, which is refused on that event's topic, as EMQX does.
            EventKind.Outcome => uplink.Command?.MsgType switch
            {
                "notify" => (EventTypes.Response, topics.Notify, Denied.Notify),
                "register" => (EventTypes.Response, topics.Register, Denied.Register),
                "update" => (EventTypes.Response, topics.Update, Denied.Update),
                _ => (EventTypes.Response, topics.Response, Denied.Response),
            },
            _ => throw new NotSupportedException($"events of kind {uplink.Kind} are not known"),
        };
    }

    private static bool IsFirmware(string path) =>
        Lwm2mPath.TryParse(path, out var parsed) && parsed is { IsRoot: false, ObjectId: FirmwareObject };
}
