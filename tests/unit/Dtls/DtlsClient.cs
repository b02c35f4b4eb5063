using System.Collections.Concurrent;
using System.Text;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Pipeline.Tests.Dtls;

/// <summary>A device with BouncyCastle's client, on whatever network. It waits on a thread of its own; datagrams that it sends go through <see cref="Outgoing"/>.</summary>
sealed class DtlsClient(Action<byte[]> network, string identity, byte[] key, params int[] suites) : DatagramTransport
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly BlockingCollection<byte[]> _incoming = [];
    DtlsTransport? _transport;
    Device? _device;

    /// <summary>Offers to use connection ids (RFC 9146).</summary>
    public bool OffersId { get; init; }

    /// <summary>What the records of the server are to bear where it does: empty for nothing.</summary>
    public byte[] OwnId { get; init; } = [];

    /// <summary>Asks for records with no more than 512 bytes (RFC 6066 section 4).</summary>
    public bool HasLittleMemory { get; init; }

    /// <summary>What makes handshakes instead of one with a pre-shared key.</summary>
    public TlsClient? Own { get; init; }

    /// <summary>Where the device is: what takes its datagrams. Another one is another socket.</summary>
    public Action<byte[]> Network { get; set; } = network;

    /// <summary>What becomes of a datagram of the device: null, itself, or another one.</summary>
    public Func<byte[], byte[]?> Outgoing { get; set; } = datagram => datagram;

    /// <summary>All that the device has sent.</summary>
    public ConcurrentQueue<byte[]> Sent { get; } = new();

    public bool IsExtendedMasterSecret => _device!.IsExtendedMasterSecret;

    public Task ConnectAsync() => Task.Factory.StartNew(
        () =>
        {
            _device = new Device(identity, key, suites) { OwnId = OffersId ? OwnId : null, HasLittleMemory = HasLittleMemory };
            _transport = new DtlsClientProtocol().Connect(Own ?? _device, this);
        },
        TaskCreationOptions.LongRunning).WaitAsync(Patience, TestContext.Current.CancellationToken);

    public void Deliver(byte[] datagram) => _incoming.Add(datagram);

    public void Say(string text) => Say(Encoding.UTF8.GetBytes(text));

    public void Say(ReadOnlySpan<byte> bytes) => _transport!.Send(bytes);

    /// <summary>The next words of the server; "" where it has ended the session.</summary>
    public string Hear() => Encoding.UTF8.GetString(HearBytes());

    public byte[] HearBytes()
    {
        var buffer = new byte[2048];
        var length = -1;
        // After a farewell the library would wait for its whole time.
        for (var attempt = 0; attempt < 200 && length < 0 && !IsClosed; attempt++)
            length = _transport!.Receive(buffer, 0, buffer.Length, 100);
        return length < 0 ? [] : buffer[..length];
    }

    /// <summary>Takes what is there; true where the server's farewell was among it.</summary>
    public bool HearsFarewell()
    {
        while (!IsClosed && _incoming.Count > 0)
            _transport!.Receive(new byte[2048], 0, 2048, 1);
        return IsClosed;
    }

    public bool IsClosed { get; private set; }

    public void Farewell() => _transport!.Close();

    public int GetReceiveLimit() => 2048;

    public int GetSendLimit() => 1232;

    public int Receive(byte[] buf, int off, int len, int waitMillis) => Receive(buf.AsSpan(off, len), waitMillis);

    public int Receive(Span<byte> buffer, int waitMillis)
    {
        if (!_incoming.TryTake(out var datagram, waitMillis == 0 ? -1 : waitMillis))
            return -1;
        datagram.CopyTo(buffer);
        return datagram.Length;
    }

    public void Send(byte[] buf, int off, int len) => Send(buf.AsSpan(off, len));

    public void Send(ReadOnlySpan<byte> buffer)
    {
        var datagram = buffer.ToArray();
        Sent.Enqueue(datagram);
        if (Outgoing(datagram) is { } sent)
            Network(sent);
    }

    public void Close() => IsClosed = true;

    sealed class Device(string identity, byte[] key, int[] suites)
        : PskTlsClient(new BcTlsCrypto(new SecureRandom()), new BasicTlsPskIdentity(identity, key))
    {
        public byte[]? OwnId { get; init; }

        public bool HasLittleMemory { get; init; }

        public bool IsExtendedMasterSecret { get; private set; }

        public override int GetHandshakeTimeoutMillis() => 30_000;

        public override void NotifyHandshakeComplete()
        {
            base.NotifyHandshakeComplete();
            IsExtendedMasterSecret = m_context.SecurityParameters.IsExtendedMasterSecret;
        }

        public override IDictionary<int, byte[]> GetClientExtensions()
        {
            var extensions = base.GetClientExtensions();
            if (HasLittleMemory)
                TlsExtensionsUtilities.AddMaxFragmentLengthExtension(extensions, MaxFragmentLength.pow2_9);
            return extensions;
        }

        protected override int[] GetSupportedCipherSuites() => suites is [] ? [CipherSuite.TLS_PSK_WITH_AES_128_CCM_8] : suites;

        protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

        protected override byte[]? GetNewConnectionID() => OwnId;
    }
}
