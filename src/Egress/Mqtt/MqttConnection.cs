using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MQTTnet.Adapter;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MqttProtocolVersion = Contracts.Configuration.MqttProtocolVersion;
using WireVersion = MQTTnet.Formatter.MqttProtocolVersion;

namespace Egress.Mqtt;

/// <summary>
/// A connection that only publishes, one writer and one reader. Packets of the handshake go through MQTTnet's formatter; frames are ours,
/// so that many publishes share one write to the socket and acknowledgements cost no allocation.
/// </summary>
internal sealed class MqttConnection : IDisposable
{
    /// <summary>How long the broker keeps the session of a connection that was lost, s (MQTT 5 section 3.1.2.11.2): longer than any pause between two attempts.</summary>
    public const uint SessionLasts = 300;

    // We subscribe to nothing: what comes in is acknowledgements.
    private const int MaxIncoming = 64 * 1024;

    private readonly MqttBroker _broker;
    private readonly Socket _socket;
    private readonly MqttPacketFormatterAdapter _formatter;
    private readonly byte[] _input = new byte[MaxIncoming];
    private Stream _stream = Stream.Null;
    private int _start;
    private int _end;

    private MqttConnection(MqttBroker broker)
    {
        _broker = broker;
        _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _formatter = new MqttPacketFormatterAdapter(Version5 ? WireVersion.V500 : WireVersion.V311, new MqttBufferWriter(1024, 65535));
    }

    public bool Version5 => _broker.Version == MqttProtocolVersion.V5;

    /// <summary>Most publishes that may be unacknowledged, as the broker wants it.</summary>
    public int ReceiveMaximum { get; private set; } = 65535;

    /// <summary>Largest packet that the broker takes, bytes.</summary>
    public uint MaximumPacketSize { get; private set; } = uint.MaxValue;

    public int MaximumQos { get; private set; } = 2;

    /// <summary>Whether the broker keeps messages; one that does not ends the connection over a RETAIN (MQTT 5 section 3.2.2.3.5).</summary>
    public bool RetainAvailable { get; private set; } = true;

    /// <summary>The broker has the session of the connection before, with what was under way.</summary>
    public bool SessionPresent { get; private set; }

    /// <summary>Zero = none.</summary>
    public TimeSpan KeepAlive { get; private set; }

    /// <summary>What <see cref="FlushAsync"/> will send. Only its one writer touches it.</summary>
    public PacketBuffer Output { get; } = new();

    /// <summary>Connects and logs in.</summary>
    /// <param name="broker">Where to.</param>
    /// <param name="clientId">As whom.</param>
    /// <param name="resume">
    /// To go on with the session that this process had. Of MQTT 5 only: in 3.1.1 the sessions of dead processes would stay at the broker for ever.
    /// </param>
    /// <param name="bound">How long it may take.</param>
    /// <param name="ct">Cancels it.</param>
    /// <exception cref="ConnectionLostException">The broker is away, refuses, or does not answer in <paramref name="bound"/>.</exception>
    public static async Task<MqttConnection> OpenAsync(MqttBroker broker, string clientId, bool resume, TimeSpan bound, CancellationToken ct)
    {
        var connection = new MqttConnection(broker);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(bound);
        try
        {
            await connection.ConnectAsync(clientId, resume && connection.Version5, patience.Token);
            return connection;
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or MqttCommunicationException or OperationCanceledException)
        {
            connection.Dispose();
            ct.ThrowIfCancellationRequested();
            throw e as ConnectionLostException
                ?? new ConnectionLostException(e is OperationCanceledException ? "no answer" : e.Message, blamesRecord: false, e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sends what stands in <see cref="Output"/>.</summary>
    /// <exception cref="ConnectionLostException">The connection is gone.</exception>
    public async ValueTask FlushAsync(CancellationToken ct)
    {
        try
        {
            await _stream.WriteAsync(Output.Written, ct);
            Output.Clear();
        }
        catch (IOException e)
        {
            throw new ConnectionLostException(e.Message, blamesRecord: true, e);
        }
    }

    /// <summary>Puts the goodbye of a process that will not come back into <see cref="Output"/>: the broker need not keep the session.</summary>
    public void Farewell() => Output.Raw(Version5 ? [0xe0, 7, 0, 5, 0x11, 0, 0, 0, 0] : [0xe0, 0]); // MQTT 5 section 3.14.2.2.2

    /// <summary>Waits for bytes. Packets that <see cref="TryRead"/> gave before are void then.</summary>
    /// <exception cref="ConnectionLostException">The connection is gone.</exception>
    public async ValueTask FillAsync(CancellationToken ct)
    {
        _input.AsSpan(_start, _end - _start).CopyTo(_input);
        (_start, _end) = (0, _end - _start);
        try
        {
            var count = await _stream.ReadAsync(_input.AsMemory(_end), ct);
            _end += count > 0 ? count : throw new ConnectionLostException("closed by the broker", blamesRecord: true);
        }
        catch (IOException e) when (e is not ConnectionLostException)
        {
            throw new ConnectionLostException(e.Message, blamesRecord: true, e);
        }
    }

    /// <summary>The next whole packet that has come in.</summary>
    /// <exception cref="ConnectionLostException">What came is no packet for us.</exception>
    public bool TryRead(out byte header, out ReadOnlyMemory<byte> body)
    {
        (header, body) = (0, default);
        var (length, at) = (0, _start + 1);
        for (var shift = 0; ; shift += 7)
        {
            if (at >= _end)
            {
                return false;
            }

            var next = _input[at++];
            length |= (next & 0x7f) << shift;
            if (next < 0x80)
            {
                break;
            }

            if (shift == 14)
            {
                throw new ConnectionLostException("the broker sent a packet that is too large", blamesRecord: false);
            }
        }

        if (length + (at - _start) > MaxIncoming)
        {
            throw new ConnectionLostException("the broker sent a packet that is too large", blamesRecord: false);
        }

        if (at + length > _end)
        {
            return false;
        }

        (header, body) = (_input[_start], _input.AsMemory(at, length));
        _start = at + length;
        return true;
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private async Task ConnectAsync(string clientId, bool resume, CancellationToken ct)
    {
        await _socket.ConnectAsync(_broker.Host, _broker.Port, ct);
        _stream = new NetworkStream(_socket, ownsSocket: false);
        if (_broker.Tls)
        {
            var tls = new SslStream(_stream);
            _stream = tls;
            await tls.AuthenticateAsClientAsync(TlsOptions(), ct);
        }

        Encode(new MqttConnectPacket
        {
            ClientId = clientId,
            CleanSession = !resume,
            SessionExpiryInterval = SessionLasts,
            KeepAlivePeriod = (ushort)_broker.KeepAlive.TotalSeconds,
            Username = _broker.Username,
            Password = _broker.Password is { } password ? Encoding.UTF8.GetBytes(password) : null,
            MaximumPacketSize = MaxIncoming,
            RequestProblemInformation = true,
        });
        await FlushAsync(ct);
        byte header;
        ReadOnlyMemory<byte> body;
        while (!TryRead(out header, out body))
        {
            await FillAsync(ct);
        }

        var packet = Decode(header, body) as MqttConnAckPacket ?? throw new ConnectionLostException("the broker did not answer with CONNACK", blamesRecord: false);
        Take(packet);
        SessionPresent = resume && packet.IsSessionPresent;
    }

    private void Take(MqttConnAckPacket packet)
    {
        if (Version5 ? packet.ReasonCode != MqttConnectReasonCode.Success : packet.ReturnCode != MqttConnectReturnCode.ConnectionAccepted)
        {
            var reason = Version5 ? packet.ReasonCode.ToString() : packet.ReturnCode.ToString();
            throw new ConnectionLostException($"refused: {reason} {packet.ReasonString}".TrimEnd(), blamesRecord: false);
        }

        KeepAlive = _broker.KeepAlive;
        if (Version5)
        {
            // Zero stands for "absent" in MQTTnet's packet; the server may not send it (MQTT 5 section 3.2.2.3).
            ReceiveMaximum = packet.ReceiveMaximum > 0 ? packet.ReceiveMaximum : 65535;
            MaximumPacketSize = packet.MaximumPacketSize > 0 ? packet.MaximumPacketSize : uint.MaxValue;
            MaximumQos = (int)packet.MaximumQoS;
            RetainAvailable = packet.RetainAvailable;
            KeepAlive = packet.ServerKeepAlive > 0 ? TimeSpan.FromSeconds(packet.ServerKeepAlive) : KeepAlive;
        }
    }

    /// <summary>A packet that is too rare to be worth reading by hand.</summary>
    public MqttPacket Decode(byte header, ReadOnlyMemory<byte> body)
    {
        try
        {
            return _formatter.Decode(new ReceivedMqttPacket(header, body.ToArray(), body.Length + 2));
        }
        catch (MqttProtocolViolationException e)
        {
            throw new ConnectionLostException(e.Message, blamesRecord: false, e);
        }
    }

    private void Encode(MqttPacket packet)
    {
        Output.Raw(_formatter.Encode(packet).ToArray());
        _formatter.Cleanup();
    }

    private SslClientAuthenticationOptions TlsOptions() => new()
    {
        TargetHost = _broker.Host,
        CertificateChainPolicy = _broker.Authorities is not { } authorities ? null : Trusting(authorities),
    };

    private static X509ChainPolicy Trusting(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }
}
