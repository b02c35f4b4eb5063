using Contracts;
using Messaging;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>
/// Whatever happens in between, in the end the device observes what is wanted, and nothing else: commands, new registrations, errors, lost
/// datagrams, time-outs, Kafka away, processes that die and write late.
/// </summary>
public sealed class WishSoakTests
{
    static readonly string[] Paths = ["/3/0", "/4/0", "/5/0", "/3303/0"];

    readonly MemoryLog _log = new();
    readonly Dictionary<string, string> _observed = [];
    readonly List<DownlinkOperation> _commands = [];
    GatewayUnderTest _gateway;
    Random _random = new(0);
    string _location = "";
    ushort _messageId = 20_000;
    long _epoch = 1;

    public WishSoakTests() => _gateway = new GatewayUnderTest(_log);

    public static TheoryData<int> Seeds => new(Enumerable.Range(0, 200));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void In_the_end_the_device_observes_what_is_wanted(int seed)
    {
        _random = new Random(seed);
        Register();
        for (var i = 0; i < 60; i++)
            Happen();

        _log.Status = AppendStatus.Handed;
        _gateway.Advance(TimeSpan.FromSeconds(5));
        _log.Settle();
        _gateway.Sent.Clear();
        Register();
        _log.Settle();
        HandOver();
        Rest(isReliable: true);

        var session = _log.Sessions.Last();
        var found = session.Observations.ToDictionary(o => o.Path, o => Convert.ToHexString(o.Token.Span));
        Assert.Equal(found.OrderBy(o => o.Key), _observed.OrderBy(o => o.Key));
        Assert.Equal(found.Keys.Order(), _log.Registrations.Last().Observations.Order());
        Assert.Equal(session.RegistrationNumber, _log.Registrations.Last().Number);
        Assert.All(session.Observations, o => Assert.Equal((0UL, true), (o.Due, o.Wanted)));
        Assert.Null(_gateway.Node.Sessions.ByEndpoint("ep1")!.Operations);
        Assert.Empty(Open);
    }

    IEnumerable<DownlinkOperation> Open
    {
        get
        {
            var closed = _log.Uplink.Where(e => e.Kind == EventKind.Outcome).Select(e => e.Command.CommandId).ToHashSet();
            return _commands.Where(c => !closed.Contains(c.Command.CommandId));
        }
    }

    void Happen()
    {
        switch (_random.Next(15))
        {
            case 0 or 1 or 2:
                Command(OperationKind.Observe, _random.Next(4) == 0);
                break;
            case 3:
                Command(OperationKind.CancelObservation, false);
                break;
            case 4:
                Command(OperationKind.Read, false);
                break;
            case 5:
                Register();
                break;
            case 6:
                _gateway.Receive(_gateway.Request(CoapCode.Post, "rd/" + _location));
                break;
            case 7:
                _gateway.Advance(TimeSpan.FromSeconds(_random.Next(120)));
                break;
            case 8:
                _log.Status = _random.Next(2) == 0 ? AppendStatus.QueueFull : AppendStatus.Handed;
                break;
            case 9 when _observed.Count > 0:
                Notify(_observed.ElementAt(_random.Next(_observed.Count)));
                break;
            case 10 when _log.Handed > 0:
                _log.TakeOne(acknowledged: _random.Next(5) > 0);
                break;
            case 11 when _random.Next(3) == 0:
                Restart();
                break;
            default:
                Rest(isReliable: false);
                break;
        }
    }

    // What the dead process has handed to Kafka may land later.
    void Restart()
    {
        _gateway = _gateway.Successor(epoch: ++_epoch);
        HandOver();
    }

    // As the Translator does it, with a new epoch and with a new registration record.
    void HandOver()
    {
        foreach (var open in Open.ToList())
            _gateway.Operate(open.Clone());
    }

    void Command(OperationKind kind, bool automatic)
    {
        var operation = _gateway.Operation(kind, Paths[_random.Next(Paths.Length)], "c" + _commands.Count, within: TimeSpan.FromDays(1));
        operation.Automatic = automatic;
        _commands.Add(operation);
        _gateway.Operate(operation.Clone());
    }

    void Notify(KeyValuePair<string, string> observation)
    {
        var code = Answer();
        if (code != CoapCode.Content)
            _observed.Remove(observation.Key);
        var observe = code == CoapCode.Content ? (uint?)_messageId : null;
        _gateway.Receive(GatewayUnderTest.Response(
            CoapType.Confirmable, code, _messageId++, Convert.FromHexString(observation.Value), observe, payload: [1]));
    }

    // A device that registers has forgotten what it observes.
    void Register()
    {
        _observed.Clear();
        _gateway.Receive(_gateway.Request(CoapCode.Post, "rd", "ep=ep1&lt=80000", "</3/0>"));
    }

    // The device hears what was sent and answers, or does not.
    void Rest(bool isReliable)
    {
        _log.Settle();
        while (_gateway.Sent.TryDequeue(out var sent))
        {
            Hear(sent.Datagram, isReliable);
            if (!isReliable && _random.Next(3) == 0)
                Happen();
            _log.Settle();
            if (isReliable && _gateway.Sent.Count == 0)
            {
                _gateway.Advance(TimeSpan.FromSeconds(200));
                _log.Settle();
            }
        }
    }

    void Hear(byte[] datagram, bool isReliable)
    {
        CoapFrame.TryParse(datagram, out var frame);
        if (frame.Code == CoapCode.Created)
            _location = GatewayUnderTest.LocationOf(datagram);
        if (!frame.Code.IsRequest || (!isReliable && _random.Next(4) == 0))
            return;
        var (path, token) = ("", Convert.ToHexString(frame.Token));
        foreach (var segment in frame.UriPath)
            path += "/" + System.Text.Encoding.UTF8.GetString(segment);
        var code = isReliable ? CoapCode.Content : Answer();
        if (frame.Observe is not null && _observed.GetValueOrDefault(path) == token)
            _observed.Remove(path);
        if (frame.Observe == 0 && code == CoapCode.Content)
            _observed[path] = token;
        var observe = frame.Observe == 0 && code == CoapCode.Content ? 1u : (uint?)null;
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Acknowledgement, code, frame.MessageId, frame.Token, observe, payload: [1]));
    }

    CoapCode Answer() => _random.Next(8) switch { 0 => CoapCode.NotFound, 1 => CoapCode.ServiceUnavailable, _ => CoapCode.Content };
}
