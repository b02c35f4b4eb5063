using BenchmarkDotNet.Attributes;
using Protocol.Coap;

namespace Pipeline.Bench;

/// <summary>What the ingress does with the bytes of one confirmable notification.</summary>
[MemoryDiagnoser]
public class CoapBenchmarks
{
    // CON 2.05, 8-byte token, Observe, Content-Format TLV, one float resource.
    static readonly byte[] Notification = Convert.FromHexString("48459c410102030405060708620102622d16ffe816440441b9999a");
    static readonly byte[] Token = [1, 2, 3, 4, 5, 6, 7, 8];
    static readonly ushort[] Supported =
        [CoapOptionNumber.UriHost, CoapOptionNumber.UriPort, CoapOptionNumber.UriPath, CoapOptionNumber.UriQuery];

    readonly byte[] _buffer = new byte[1152];
    MessageDeduplication<Peer> _table = null!;
    long _arrivals;

    /// <summary>Fills the table with what 2 000 messages a second leave in it.</summary>
    [GlobalSetup]
    public void FillTable()
    {
        _table = new MessageDeduplication<Peer>(TransmissionParameters.Standard);
        _arrivals = 0;
        while (_arrivals < 600_000)
            Deduplicate();
    }

    [Benchmark]
    public uint ParseNotification()
    {
        CoapFrame.TryParse(Notification, out var frame);
        return (frame.Observe ?? 0) + (frame.ContentFormat ?? 0u) + (uint)frame.Payload.Length;
    }

    [Benchmark]
    public bool CheckCriticalOptions()
    {
        CoapFrame.TryParse(Notification, out var frame);
        return CriticalOptions.TryFindUnsupported(frame, Supported, out _);
    }

    [Benchmark]
    public bool WriteAcknowledgement() => CoapWriter.TryWriteEmpty(_buffer, CoapType.Acknowledgement, 0x9c41);

    [Benchmark]
    public int WriteReadRequest()
    {
        var writer = new CoapWriter(_buffer, CoapType.Confirmable, CoapCode.Get, 0x9c41, Token);
        writer.AddUriPath("/3303/0/5700");
        writer.AddOption(CoapOptionNumber.Accept, ContentFormat.Lwm2mTlv);
        return writer.TryFinish(out var length) ? length : 0;
    }

    [Benchmark]
    public ulong Digest() => MessageDigest.Of(Notification);

    /// <summary>Arrival, acknowledgement and expiry of an older one, in a table of half a million.</summary>
    [Benchmark]
    public bool Deduplicate()
    {
        var now = _arrivals / 2;
        var id = (ushort)(_arrivals / 1_000);
        var key = new MessageKey<Peer>(new Peer(_arrivals % 1_000, 0, 5683), id, (ulong)_arrivals);
        _arrivals++;
        CoapWriter.TryWriteEmpty(_buffer, CoapType.Acknowledgement, id);
        return _table.Seen(now, key, out _) == DuplicateState.New
            && _table.Begin(now, key, CoapType.Confirmable)
            && _table.Complete(now, key, _buffer.AsSpan(0, CoapWriter.EmptyMessageLength));
    }

    /// <summary>The size of an IPv6 address and a port.</summary>
    public readonly record struct Peer(long High, long Low, ushort Port);
}
