using Protocol.Coap;
using static Pipeline.Tests.Coap.CoapSamples;

namespace Pipeline.Tests.Coap;

public sealed class CoapAllocationTests
{
    static readonly ushort[] Supported = [CoapOptionNumber.UriPath, CoapOptionNumber.UriQuery];
    readonly byte[] _buffer = new byte[256];
    uint _sink;

    [Fact]
    public void ParsingAndReading_AllocatesNothing()
    {
        var notification = Bytes(TlvNotification);
        var register = Bytes(Register);
        AssertAllocatesNothing(_ =>
        {
            Read(notification);
            Read(register);
        });
    }

    [Fact]
    public void Writing_AllocatesNothing()
    {
        var token = new CoapToken([1, 2, 3, 4]);
        AssertAllocatesNothing(n =>
        {
            Span<byte> bytes = stackalloc byte[8];
            var writer = new CoapWriter(_buffer, CoapType.Confirmable, CoapCode.Put, (ushort)n, token.CopyTo(bytes));
            writer.AddUriPath("/3303/0/5700");
            writer.AddOption(CoapOptionNumber.ContentFormat, ContentFormat.Lwm2mTlv);
            writer.AddUriQuery("pmin=1&pmax=5");
            writer.AddPayload("payload"u8);
            writer.TryFinish(out var length);
            CoapWriter.TryWriteEmpty(_buffer, CoapType.Acknowledgement, (ushort)n);
            _sink += (uint)length;
        });
    }

    /// <summary>Once the table has its size: arrival, acknowledgement or other reply, repetition, expiry.</summary>
    [Fact]
    public void Deduplication_InSteadyState_AllocatesNothing()
    {
        var table = new MessageDeduplication<long>(TransmissionParameters.Standard);
        var response = Bytes(Figure17Response);
        AssertAllocatesNothing(
            n =>
            {
                var now = n * 50L;
                var key = new MessageKey<long>(n % 100, (ushort)n, MessageDigest.Of(response) + (ulong)n);
                CoapWriter.TryWriteEmpty(_buffer, CoapType.Acknowledgement, (ushort)n);
                if (table.Seen(now, key, out _) != DuplicateState.New || !table.Begin(now, key, CoapType.Confirmable))
                    return;
                table.Complete(now, key, n % 3 == 0 ? response : _buffer.AsSpan(0, 4));
                table.Seen(now, key, out var reply);
                _sink += (uint)reply.Length;
            },
            warmUp: 50_000);
        Assert.InRange(table.Count, 4_940, 4_960);
    }

    [Fact]
    public void ExchangeAndFreshness_AllocateNothingPerMessage()
    {
        var exchange = new RequestExchange(0, new Random(1), TransmissionParameters.Standard, 1, default);
        var notification = Bytes(TlvNotification);
        AssertAllocatesNothing(n =>
        {
            CoapFrame.TryParse(notification, out var frame);
            _sink += (uint)exchange.OnMessage(n, frame);
            _sink += new ObserveFreshness((uint)n, n).IsSupersededBy(frame.Observe ?? 0, n) ? 1u : 0u;
        });
    }

    void Read(byte[] datagram)
    {
        CoapFrame.TryParse(datagram, out var frame);
        foreach (var option in frame.Options)
            _sink += option.Number;
        foreach (var query in frame.UriQuery)
            _sink += (uint)query.Length;
        _sink += frame.Observe ?? 0;
        _sink += frame.ContentFormat ?? 0u;
        _sink += frame.UriPath.Matches("rd"u8) ? 1u : 0u;
        _sink += CriticalOptions.TryFindUnsupported(frame, Supported, out _) ? 1u : 0u;
        _sink += (uint)frame.Code.Dotted.Length;
    }

    void AssertAllocatesNothing(Action<int> action, int warmUp = 1_000)
    {
        for (var n = 0; n < warmUp; n++)
            action(n);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = warmUp; n < warmUp + 10_000; n++)
            action(n);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
