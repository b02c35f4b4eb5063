using System.Net;
using System.Text;
using Ingress.Messages;
using Ingress.Sockets;
using Protocol.Coap;

namespace Pipeline.Tests.Delivery;

/// <summary>
/// A device: one message of its own at a time (NSTART = 1), repeated with the same message id; requests of the gateway are known by sender
/// and message id as RFC 7252 section 4.5 wants it. What it sends bears a number, so that every telling of it can be found.
/// </summary>
sealed class Device
{
    const long ExchangeLifetime = 247_000;
    const long MaxTransmitSpan = 45_000;

    /// <summary>What it answers when it is read; the numbers that it notifies are greater.</summary>
    public const int Answer = 7;

    static readonly byte[] Token = [0xdd];

    readonly World _world;
    readonly int _index;
    readonly Dictionary<(string Sender, ushort Id), (byte[][] Answers, long At)> _known = [];
    ushort _port = 5001;
    ushort _messageId;
    uint _observe = 1;

    public Device(World world, int index)
    {
        _world = world;
        _index = index;
        _messageId = (ushort)world.Random.Next();
        Endpoint = "d" + index;
        Slot = index % 2;
        Place();
    }

    /// <summary>What the device waits for an answer to.</summary>
    public sealed record Message(string Kind, int Number, byte[] Bytes, ushort Id, string? Location, string? Path, long SentAt)
    {
        public int Tries { get; set; }
    }

    public string Endpoint { get; }

    public Peer Address { get; private set; }

    /// <summary>The replica that its datagrams reach.</summary>
    public int Slot { get; private set; }

    /// <summary>The last segment of the Location-Path; null: it does not believe to be registered.</summary>
    public string? Location { get; private set; }

    public Message? Pending { get; private set; }

    public int Lifetime { get; set; } = 600;

    public long UpdatedAt { get; private set; }

    /// <summary>Paths and tokens.</summary>
    public Dictionary<string, byte[]> Observed { get; } = [];

    /// <summary>By argument of an execute: as which messages it came.</summary>
    public Dictionary<string, HashSet<(string Sender, ushort Id)>> Executed { get; } = [];

    /// <summary>How it treats the next new request.</summary>
    public Func<Treatment> Treats { get; set; } = () => Treatment.Answers;

    public enum Treatment
    {
        Answers,
        AnswersTwice,
        AnswersLater,
        DoesNotAnswer,
        Resets,
    }

    public bool MayRepeat => Pending is { Tries: < 5 } message && _world.UnixMs - message.SentAt <= MaxTransmitSpan;

    public void Register() => Request("register", CoapCode.Post, "rd", $"ep={Endpoint}&lwm2m=1.1&lt={Lifetime}", "</1/0>,</3/0>");

    public void Update() => Request("update", CoapCode.Post, "rd/" + Location, $"lt={Lifetime}", "");

    public void Deregister() => Request("deregister", CoapCode.Delete, "rd/" + Location, "", "");

    public void Notify(string path)
    {
        var number = _world.NextNumber();
        var id = _messageId++;
        var bytes = Write(CoapType.Confirmable, CoapCode.Content, id, Observed[path], ++_observe, number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Begin(new Message("notify", number, bytes, id, Location, path, _world.UnixMs));
    }

    /// <summary>LwM2M Send: known by its address alone.</summary>
    public void Send()
    {
        var number = _world.NextNumber();
        var id = _messageId++;
        var buffer = new byte[128];
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Post, id, Token);
        writer.AddUriPath("dp");
        writer.AddOption(CoapOptionNumber.ContentFormat, 110u);
        writer.AddPayload(Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""[{"n":"/3/0/9","v":{{number}}}]""")));
        Assert.True(writer.TryFinish(out var length));
        Begin(new Message("send", number, buffer[..length], id, Location, null, _world.UnixMs));
    }

    public void Repeat()
    {
        var message = Pending!;
        message.Tries++;
        _world.Trace($"{Endpoint} repeats {message.Kind} {message.Number}");
        _world.Network.SendUp(this, Slot, message.Bytes);
    }

    public void GiveUp()
    {
        var message = Pending!;
        _world.Trace($"{Endpoint} gives up {message.Kind} {message.Number}");
        if (message.Kind is not ("notify" or "send"))
            Forget();
        Pending = null;
        _world.Network.LoseUntaken(message);
    }

    /// <summary>The network brings it to another replica, perhaps from another address.</summary>
    public void Move(int slot, bool changesAddress)
    {
        Slot = slot;
        if (changesAddress)
        {
            _port++;
            Place();
        }

        _world.Trace($"{Endpoint} is at slot {slot} now, as {Address}");
    }

    public void Reboot()
    {
        _world.Trace($"{Endpoint} reboots");
        if (Pending is { } message)
            _world.Network.LoseUntaken(message);
        Pending = null;
        Forget();
        _known.Clear();
        _messageId = (ushort)_world.Random.Next();
    }

    public void Hear(string sender, int slot, byte[] bytes)
    {
        _world.Trace($"{Endpoint} hears {World.Words(bytes)} of {sender}");
        CoapFrame.TryParse(bytes, out var frame);
        if (frame.Code.IsRequest)
            Serve(sender, slot, frame);
        else if (Pending is { } message && frame.MessageId == message.Id && frame.Type is CoapType.Acknowledgement or CoapType.Reset)
            Settle(message, frame);
    }

    void Settle(Message message, in CoapFrame frame)
    {
        Pending = null;
        if (frame.Type == CoapType.Reset)
        {
            Observed.Remove(message.Path ?? "");
            return;
        }

        switch (frame.Code.Dotted)
        {
            case "2.01":
                Location = "";
                foreach (var segment in frame.LocationPath)
                    Location = Encoding.UTF8.GetString(segment);
                Observed.Clear();
                UpdatedAt = _world.UnixMs;
                break;
            case "2.04" when message.Kind == "update":
                UpdatedAt = _world.UnixMs;
                break;
            case "2.02" or "4.04":
                Forget();
                break;
        }

        if (frame.Code.Dotted is "2.01" or "2.02" or "2.04" or "0.00")
            _world.Promises.OnAcknowledged(this, message, Location);
    }

    void Serve(string sender, int slot, in CoapFrame frame)
    {
        var key = (sender, frame.MessageId);
        if (_known.TryGetValue(key, out var known) && _world.UnixMs - known.At < ExchangeLifetime)
        {
            foreach (var answer in known.Answers)
                _world.Network.SendUp(this, slot, answer);
            return;
        }

        var treatment = Treats();
        var path = World.PathOf(frame);
        if (treatment != Treatment.Resets && frame.Code == CoapCode.Post)
            Execute(key, Encoding.UTF8.GetString(frame.Payload));
        var isObserved = treatment != Treatment.Resets && frame is { Code: CoapCode.Get, Observe: 0 } && Location is not null;
        if (isObserved)
            Observed[path] = frame.Token.ToArray();
        else if (frame is { Code: CoapCode.Get, Observe: 1 })
            Observed.Remove(path);
        var answers = Answers(treatment, frame, isObserved ? ++_observe : null);
        _known[key] = (answers, _world.UnixMs);
        foreach (var answer in answers)
            _world.Network.SendUp(this, slot, answer);
    }

    void Execute((string, ushort) key, string argument)
    {
        if (!Executed.TryGetValue(argument, out var messages))
            Executed[argument] = messages = [];
        messages.Add(key);
        _world.Trace($"{Endpoint} executes {argument}");
        _world.Promises.OnExecuted(this, argument, messages.Count);
    }

    byte[][] Answers(Treatment treatment, in CoapFrame request, uint? observe)
    {
        var code = request.Code == CoapCode.Get ? CoapCode.Content : CoapCode.Changed;
        var payload = request.Code == CoapCode.Get ? "7" : "";
        var token = request.Token.ToArray();
        byte[] Empty(CoapType type, ushort id) => Write(type, CoapCode.Empty, id, [], null, "");
        return treatment switch
        {
            Treatment.DoesNotAnswer => [],
            Treatment.Resets => [Empty(CoapType.Reset, request.MessageId)],
            Treatment.AnswersLater => [Empty(CoapType.Acknowledgement, request.MessageId), Write(CoapType.Confirmable, code, _messageId++, token, observe, payload)],
            Treatment.AnswersTwice =>
                [Write(CoapType.Acknowledgement, code, request.MessageId, token, observe, payload), Write(CoapType.NonConfirmable, CoapCode.InternalServerError, _messageId++, token, null, "")],
            _ => [Write(CoapType.Acknowledgement, code, request.MessageId, token, observe, payload)],
        };
    }

    void Request(string kind, CoapCode code, string path, string query, string payload)
    {
        var number = _world.NextNumber();
        var id = _messageId++;
        var buffer = new byte[256];
        var writer = new CoapWriter(buffer, CoapType.Confirmable, code, id, Token);
        writer.AddUriPath(path);
        if (payload.Length > 0)
            writer.AddOption(CoapOptionNumber.ContentFormat, 40u);
        writer.AddUriQuery(query.Length > 0 ? $"{query}&n={number}" : "");
        writer.AddPayload(Encoding.UTF8.GetBytes(payload));
        Assert.True(writer.TryFinish(out var length));
        Begin(new Message(kind, number, buffer[..length], id, Location, null, _world.UnixMs));
    }

    void Begin(Message message)
    {
        Assert.Null(Pending);
        // No two messages of a device in one ms: who came first can be told.
        _world.Time.Advance(TimeSpan.FromMilliseconds(1));
        Pending = message;
        _world.Trace($"{Endpoint} sends {message.Kind} {message.Number} to slot {Slot}");
        _world.Network.SendUp(this, Slot, message.Bytes);
    }

    void Forget()
    {
        Location = null;
        Observed.Clear();
    }

    void Place() => Address = Peer.From(new IPEndPoint(IPAddress.Parse($"192.0.2.{_index + 1}"), _port), 0);

    static byte[] Write(CoapType type, CoapCode code, ushort id, byte[] token, uint? observe, string payload)
    {
        var buffer = new byte[128];
        var writer = new CoapWriter(buffer, type, code, id, token);
        if (observe is { } sequence)
            writer.AddOption(CoapOptionNumber.Observe, sequence);
        if (payload.Length > 0)
            writer.AddOption(CoapOptionNumber.ContentFormat, 0u);
        writer.AddPayload(Encoding.UTF8.GetBytes(payload));
        Assert.True(writer.TryFinish(out var length));
        return buffer[..length];
    }
}
