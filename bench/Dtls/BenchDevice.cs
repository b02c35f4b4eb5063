using System.Collections.Concurrent;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Pipeline.Bench.Dtls;

/// <summary>A device with the library's client. It waits on the thread of whoever has it connect.</summary>
sealed class BenchDevice(Action<byte[]> network) : DatagramTransport
{
    static readonly BcTlsCrypto Library = new(new SecureRandom());

    readonly BlockingCollection<byte[]> _incoming = [];
    DtlsTransport? _transport;

    /// <summary>What takes its datagrams.</summary>
    public Action<byte[]> Network { get; set; } = network;

    public static TlsClient WithKey(string identity, byte[] key, int suite) => new PskDevice(identity, key, suite);

    public static TlsClient WithCertificate() => new CertificateDevice();

    public void Connect(TlsClient client) => _transport = new DtlsClientProtocol().Connect(client, this);

    public void Say(ReadOnlySpan<byte> content) => _transport!.Send(content);

    public void Deliver(ReadOnlySpan<byte> datagram) => _incoming.Add(datagram.ToArray());

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

    public void Send(ReadOnlySpan<byte> buffer) => Network(buffer.ToArray());

    public void Close()
    {
    }

    sealed class PskDevice(string identity, byte[] key, int suite) : PskTlsClient(Library, new BasicTlsPskIdentity(identity, key))
    {
        public override int GetHandshakeTimeoutMillis() => 60_000;

        protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

        protected override int[] GetSupportedCipherSuites() => [suite];

        protected override byte[] GetNewConnectionID() => [];
    }

    // Shows nothing of its own.
    sealed class CertificateDevice() : DefaultTlsClient(Library), TlsAuthentication
    {
        public override int GetHandshakeTimeoutMillis() => 60_000;

        public override TlsAuthentication GetAuthentication() => this;

        public void NotifyServerCertificate(TlsServerCertificate serverCertificate)
        {
        }

        public TlsCredentials? GetClientCredentials(CertificateRequest certificateRequest) => null;

        protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

        protected override int[] GetSupportedCipherSuites() => [CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8];

        protected override byte[] GetNewConnectionID() => [];
    }
}
