using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ingress.Sockets;
using Protocol.Dtls;

namespace Pipeline.Bench.Dtls;

/// <summary>A DTLS server on a network in memory, with one thread that receives, as behind one socket. Everybody has one key.</summary>
sealed class BenchServer : IDtlsHost<Peer>, IDisposable
{
    static readonly byte[] Key = RandomNumberGenerator.GetBytes(16);

    readonly BlockingCollection<(Peer From, byte[] Datagram)> _network = [];
    readonly ConcurrentDictionary<Peer, BenchDevice> _devices = new();

    public BenchServer()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=gateway", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var certification = new Certification { Key = new ServerKey(key, [certificate.RawData]) };
        var settings = new DtlsSettings { FindKey = _ => new PreSharedKey(Key), Certification = () => certification, HandshakeTimeout = TimeSpan.FromMinutes(1) };
        Server = new DtlsServer<Peer>(this, settings, int.MaxValue, 0, TimeProvider.System);
        new Thread(Receive) { IsBackground = true, Name = "receive" }.Start();
    }

    public DtlsServer<Peer> Server { get; }

    public int Heard { get; private set; }

    public static Peer Address(int device)
    {
        Span<byte> address = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(address, 0x0A000001 + device);
        return Peer.From(new IPEndPoint(new IPAddress(address), 5684), 0);
    }

    /// <summary>A whole handshake, on this thread as far as it is the device's.</summary>
    public BenchDevice Connect(int number, bool usesKey, int suite = 0xC0A8)
    {
        var address = Address(number);
        var device = _devices[address] = new BenchDevice(datagram => _network.Add((address, datagram)));
        device.Connect(usesKey ? BenchDevice.WithKey($"urn:imei:{356_000_000_000_000 + number}", Key, suite) : BenchDevice.WithCertificate());
        _devices.TryRemove(address, out _);
        return device;
    }

    public void Dispose()
    {
        _network.CompleteAdding();
        Server.Dispose();
    }

    void Receive()
    {
        foreach (var (from, datagram) in _network.GetConsumingEnumerable())
            Server.Receive(from, datagram);
    }

    void IDtlsHost<Peer>.Send(in Peer to, ReadOnlySpan<byte> datagram)
    {
        if (_devices.TryGetValue(to, out var device))
            device.Deliver(datagram);
    }

    void IDtlsHost<Peer>.Receive(in Peer from, DtlsSession<Peer> session, ReadOnlySpan<byte> plaintext) => Heard++;

    Peer IDtlsHost<Peer>.PeerOf(in Peer address, DtlsIdentity identity) => address;

    void IDtlsHost<Peer>.Moved(DtlsSession<Peer> session, in Peer from, in Peer to)
    {
    }

    int IDtlsHost<Peer>.Describe(in Peer address, Span<byte> bytes) => address.Write(bytes);

    bool IDtlsHost<Peer>.MayBegin(in Peer from) => true;

    void IDtlsHost<Peer>.Ended(in Peer with, HandshakeResult result, DtlsIdentity? identity, string? cipher)
    {
        if (result != HandshakeResult.Established)
            throw new InvalidOperationException($"a handshake ended as {result}");
    }

    void IDtlsHost<Peer>.Alerted(bool isSent, string description)
    {
    }

    void IDtlsHost<Peer>.Dropped(DropReason reason)
    {
    }
}
