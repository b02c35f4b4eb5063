using Contracts;
using Protocol.Coap;

namespace Pipeline.Tests.Ingress;

/// <summary>Notifications in blocks by bad radio, with a gateway that dies again and again.</summary>
public sealed class BlockwiseCrashTests
{
    static readonly byte[] Content = [.. Enumerable.Range(0, 5000).Select(i => (byte)((i * 7) + (i >> 8)))];

    readonly BlockwiseDevice _device = new() { Content = { ["/3/0"] = Content } };
    readonly MemoryLog _log = new();
    readonly Queue<byte[]> _answers = new();
    GatewayUnderTest _gateway;
    int _epoch = 1;
    byte[] _first = [];
    bool _isAcknowledged;

    public BlockwiseCrashTests() => _gateway = new GatewayUnderTest(_log);

    [Fact]
    public void What_was_acknowledged_is_told_whole_wherever_the_gateway_dies()
    {
        var acknowledged = 0;
        var reread = 0;
        for (var seed = 1; seed <= 60; seed++)
        {
            var story = new BlockwiseCrashTests();
            story.Play(new Random(seed));
            acknowledged += story._isAcknowledged ? 1 : 0;
            reread += story._log.Uplink.Any(e => e.Reread) ? 1 : 0;
        }

        // The stories are about something.
        Assert.Equal(60, acknowledged);
        Assert.InRange(reread, 10, 60);
    }

    void Play(Random random)
    {
        _gateway.Register(query: "&lt=80000&lwm2m=1.0");
        Observe();
        for (var step = 0; step < 4000; step++)
        {
            if (step % 100 == 0 && !_isAcknowledged)
                _answers.Enqueue(_first);
            Step(random, loss: 0.2);
            if (random.Next(150) == 0)
                Crash();
        }

        // From here on nothing goes wrong any more.
        for (var quiet = 0; quiet < 2000; quiet++)
        {
            if (quiet % 100 == 0 && !_isAcknowledged)
                _answers.Enqueue(_first);
            Step(random, loss: 0);
        }

        var told = _log.Uplink.Where(e => e.Kind == EventKind.Notified).ToList();
        Assert.True(!_isAcknowledged || told.Any(e => e.Payload.Span.SequenceEqual(Content)), "acknowledged and lost");
        Assert.All(told, e => Assert.True(e.Payload.Span.SequenceEqual(Content), $"{e.Code} {e.Reason} {e.Payload.Length}"));
        Assert.Empty(_log.Sessions.Last().Bodies);
    }

    void Observe()
    {
        _gateway.Operate(_gateway.Operation(OperationKind.Observe, "/3/0", "o1"));
        _log.Settle();
        CoapFrame.TryParse(_gateway.Next(), out var get);
        _gateway.Receive(GatewayUnderTest.Response(CoapType.Acknowledgement, CoapCode.Content, get.MessageId, get.Token, observe: 5, payload: [1]));
        _log.Settle();
        var buffer = new byte[2048];
        var writer = new CoapWriter(buffer, CoapType.Confirmable, CoapCode.Content, 0x7001, get.Token);
        writer.AddOption(CoapOptionNumber.Observe, 6u);
        writer.AddOption(CoapOptionNumber.ContentFormat, 42u);
        writer.AddOption(CoapOptionNumber.Block2, new BlockOption(0, true, 6).Value);
        writer.AddPayload(Content.AsSpan(0, 1024));
        Assert.True(writer.TryFinish(out var length));
        _first = buffer[..length];
    }

    // One thing happens: Kafka takes a record, a datagram arrives or is lost, or time goes on.
    void Step(Random random, double loss)
    {
        switch (random.Next(4))
        {
            case 0 when _log.Handed > 0:
                _log.TakeOne();
                break;
            case 1 when _gateway.Sent.TryDequeue(out var sent):
                if (random.NextDouble() >= loss)
                    Arrive(sent.Datagram);
                break;
            case 2 when _answers.TryDequeue(out var answer):
                if (random.NextDouble() >= loss)
                    _gateway.Receive(answer);
                break;
            default:
                _gateway.Advance(TimeSpan.FromMilliseconds(100));
                break;
        }
    }

    void Arrive(byte[] datagram)
    {
        if (datagram is [0x60, 0, 0x70, 0x01])
            _isAcknowledged = true;
        foreach (var answer in _device.Receive(datagram))
            _answers.Enqueue(answer);
    }

    // What it has handed to Kafka may still get into the log, or not.
    void Crash() => _gateway = new GatewayUnderTest(_log, _gateway.Time, epoch: ++_epoch, seed: _epoch);
}
