using System.Globalization;
using System.Text;
using Contracts;
using Ingress.Journal;
using Ingress.Registrations;
using Ingress.Sockets;
using Messaging;
using Protocol.Coap;
using Translator.Uplink;

namespace Pipeline.Tests.Delivery;

/// <summary>
/// The promises of the model, watched while the world goes on. P1: what was acknowledged stands in uplink, under one id, and one id means one
/// thing. P2: one outcome of each command. P3: nothing that is not idempotent reaches a device as two messages. P4: "no", "expired" and the
/// like are said of what has ended only, and once. P5 and P6, that everything comes to its end, are <see cref="Endings"/>.
/// </summary>
sealed class Promises(World world)
{
    readonly Dictionary<EventId, UplinkEvent> _contents = [];
    readonly Dictionary<string, EventId> _ids = [];
    readonly Dictionary<string, EventId> _sent = [];
    readonly Dictionary<string, byte[]> _responses = [];
    readonly Dictionary<EventId, EventId> _answers = [];
    readonly HashSet<string> _published = [];

    public Truth Truth { get; } = new();

    /// <summary>The first promise that was broken.</summary>
    public string? Broken { get; private set; }

    /// <summary>Command ids, and for whom.</summary>
    public Dictionary<string, string> Commands { get; } = [];

    /// <summary>By command: the first outcome in the log.</summary>
    public Dictionary<string, UplinkEvent> FirstOutcomes { get; } = [];

    /// <summary>By registration: ids and kinds of the ends that were announced.</summary>
    public Dictionary<ulong, HashSet<(EventId, EventKind)>> Ends { get; } = [];

    /// <summary>Registrations that were announced.</summary>
    public HashSet<ulong> Announced { get; } = [];

    /// <summary>What devices saw acknowledged.</summary>
    public HashSet<EventId> Acknowledged { get; } = [];

    /// <summary>Outcomes told, by id of the event.</summary>
    public IReadOnlyDictionary<string, byte[]> Responses => _responses;

    /// <summary>Whether an uplink event became a device event, be it as the answer that it is, too.</summary>
    public bool IsPublished(EventId id) => _published.Contains(id.ToString()) || (_answers.TryGetValue(id, out var outcome) && _published.Contains(outcome.ToString()));

    public void Break(string how) => Broken ??= how;

    public void OnCommanded(string endpoint, string id) => Commands[id] = endpoint;

    public void OnLanded(LogRecord landed, string writer)
    {
        if (landed.Topic == Cluster.Topics.Sessions)
            OnSession(landed);
        else if (landed.Topic == Cluster.Topics.Uplink)
            OnUplink(UplinkEvent.Parser.ParseFrom(landed.Value));
        else if (landed.Topic == Cluster.Topics.Events)
            OnEvent(landed);
        else if (landed.Topic == Cluster.Topics.DeadLetters)
            Break("a record became a dead letter");
    }

    /// <summary>"No" may be said of what has ended only.</summary>
    public void OnSent(IngressProcess from, Peer peer, byte[] bytes)
    {
        CoapFrame.TryParse(bytes, out var frame);
        if (world.Devices.FirstOrDefault(d => d.Address.Equals(peer)) is not { Pending: { } pending } device || pending.Id != frame.MessageId)
            return;
        if (frame is { Type: CoapType.Acknowledgement, Code: CoapCode.NotFound } && IsKnown(device, pending) && Identifiers.TryParse(Encoding.UTF8.GetBytes(pending.Location ?? ""), out var id) && Truth.IsLive(id))
            Break($"P4: {from.Name} says 4.04 to {device.Endpoint} of {world.NameOf(id)}, which counts");
        if (frame.Type == CoapType.Reset && pending.Path is { } path && Truth.Counting.GetValueOrDefault(device.Endpoint) is { Live: true } record
            && record.Observations.Any(o => o.Path == path && device.Observed.TryGetValue(path, out var token) && o.Token.Span.SequenceEqual(token)))
            Break($"P4: {from.Name} rejects a notification of {device.Endpoint}, and its observation counts");
    }

    // A Send says who it is by its address only: from another one it is a stranger's.
    bool IsKnown(Device device, Device.Message message) => message.Kind != "send"
        || (Truth.Counting.GetValueOrDefault(device.Endpoint) is { } record && Peer.TryRead(record.Peer.Span, 0, out var known) && known.Equals(device.Address));

    /// <summary>What a device sees acknowledged stands in uplink already.</summary>
    public void OnAcknowledged(Device device, Device.Message message, string? location)
    {
        CoapFrame.TryParse(message.Bytes, out var frame);
        Assert.True(Identifiers.TryParse(Encoding.UTF8.GetBytes(message.Kind == "register" ? location! : message.Location!), out var registration));
        var id = message.Kind switch
        {
            "register" => UplinkRecords.MessageId(registration, EventKind.Registered, frame),
            "update" => UplinkRecords.MessageId(registration, EventKind.Updated, frame),
            // A replica that does not know yet that it owns the session no more tells it under the registration before.
            "send" => _sent.GetValueOrDefault(Encoding.UTF8.GetString(frame.Payload)),
            "notify" => UplinkRecords.MessageId(registration, EventKind.Notified, frame),
            _ => UplinkRecords.EndId(registration, EventKind.Deregistered),
        };
        if (!_contents.ContainsKey(id) && !_answers.ContainsKey(id))
            Break($"P1: {message.Kind} {message.Number} of {device.Endpoint} was acknowledged and does not stand in uplink");
        Acknowledged.Add(id);
    }

    public void OnExecuted(Device device, string command, int messages)
    {
        if (messages > 1)
            Break($"P3: {command} has reached {device.Endpoint} as {messages} messages");
    }

    void OnSession(LogRecord landed)
    {
        if (!Truth.TryTake(landed, out var before, out var now) || before is not { Live: true } || now is not { Live: false })
            return;
        var hasExpired = now.Owed.Any(o => UplinkEvent.Parser.ParseFrom(o).Kind == EventKind.Expired);
        if (hasExpired && now.EndedMs - before.RefreshedMs < before.Lifetime * 1000)
            Break($"P4: {now.Endpoint} expires before its lifetime is over");
    }

    void OnUplink(UplinkEvent happened)
    {
        var id = new EventId(happened.IdHigh, happened.IdLow);
        switch (happened.Kind)
        {
            case EventKind.Outcome:
                var isFirst = FirstOutcomes.TryAdd(happened.Command.CommandId, happened);
                // A notification that overtakes the answer to its own Observe is that answer, too (RFC 7252 section 5.2.2).
                if (new EventId(happened.NotificationIdHigh, happened.NotificationIdLow) is var notification && notification != default)
                    _answers.TryAdd(notification, isFirst ? id : notification);
                return;
            case EventKind.Deregistered or EventKind.Expired or EventKind.Replaced when Identifiers.TryParse(Encoding.UTF8.GetBytes(happened.RegistrationId), out var ended):
                OnEnd(ended, id, happened.Kind);
                break;
            case EventKind.Registered when Identifiers.TryParse(Encoding.UTF8.GetBytes(happened.RegistrationId), out var announced):
                Announced.Add(announced);
                break;
        }

        if (happened.Kind == EventKind.Sent)
            _sent.TryAdd(happened.Payload.ToStringUtf8(), id);
        var number = NumberOf(happened);
        if (number is not null && !_ids.TryAdd(number, id) && _ids[number] != id)
            Break($"P1: {number} of {happened.Endpoint} has two ids");
        var content = Content(happened, number is not null);
        if (!_contents.TryAdd(id, content) && !_contents[id].Equals(content))
            Break($"P1: one id for two contents: {_contents[id]} and {content}");
    }

    void OnEnd(ulong registration, EventId id, EventKind kind)
    {
        if (!Ends.TryGetValue(registration, out var ends))
            Ends[registration] = ends = [];
        ends.Add((id, kind));
        if (ends.Count > 1)
            Break($"P4: {world.NameOf(registration)} ends as {string.Join(" and as ", ends.Select(e => e.Item2))}");
        if (Truth.IsLive(registration))
            Break($"P4: {kind} is announced of {world.NameOf(registration)}, which lives on");
    }

    void OnEvent(LogRecord landed)
    {
        string Header(string name) => Encoding.UTF8.GetString(landed.Headers.Single(h => h.Name == name).Value);
        var id = Header(EventHeaders.Id);
        _published.Add(id[..32]);
        if (Header(EventHeaders.Type) == EventTypes.Response && !_responses.TryAdd(id, landed.Value!) && !_responses[id].AsSpan().SequenceEqual(landed.Value))
            Break($"P2: two outcomes on events: {Encoding.UTF8.GetString(_responses[id])} and {Encoding.UTF8.GetString(landed.Value!)}");
    }

    // What a device's message bears, to know every telling of it.
    static string? NumberOf(UplinkEvent happened) => happened.Kind switch
    {
        EventKind.Registered or EventKind.Updated => $"{happened.Kind} {happened.Registration.Parameters.Single(p => p.Key == "n").Value}",
        EventKind.Notified when int.TryParse(happened.Payload.ToStringUtf8(), CultureInfo.InvariantCulture, out var number) && number > Device.Answer => $"notification {number}",
        // A copy of a Send that comes behind a new registration of its device is told again, under that one.
        EventKind.Sent => $"send {happened.Payload.ToStringUtf8()} of {happened.RegistrationId}",
        _ => null,
    };

    // When and by whom it was told may differ, and what the answer to a repeated question of ours says.
    static UplinkEvent Content(UplinkEvent happened, bool isOfDevice)
    {
        var content = happened.Clone();
        content.ReceivedNs = content.Sequence = content.Epoch = content.Slot = 0;
        content.Peer = "";
        content.Late = false;
        if (!isOfDevice)
            content.ClearObserve();
        return content;
    }
}
