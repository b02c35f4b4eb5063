using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pipeline.Tests.Egress;

/// <summary>
/// An MQTT broker of which the test says every byte: it serves one connection at a time, those of the client id that it waits for; others (the relay's) are
/// held without an answer.
/// </summary>
internal sealed class BareBroker : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _clients = [];
    private NetworkStream? _stream;

    public BareBroker() => _listener.Start();

    public string Server => $"mqtt://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>A packet of a client: type and flags, and what follows the remaining length.</summary>
    internal sealed record Packet(byte Header, byte[] Body)
    {
        public int Kind => Header >> 4;

        public int Qos => (Header >> 1) & 3;

        public bool Duplicate => (Header & 8) != 0;

        /// <summary>Of a PUBLISH.</summary>
        public string Topic => Encoding.UTF8.GetString(Body, 2, BinaryPrimitives.ReadUInt16BigEndian(Body));

        /// <summary>Of a PUBLISH with QoS, or an acknowledgement.</summary>
        public ushort Id => BinaryPrimitives.ReadUInt16BigEndian(Body.AsSpan(Kind == 3 ? 2 + BinaryPrimitives.ReadUInt16BigEndian(Body) : 0));

        /// <summary>Of a CONNECT.</summary>
        public bool CleanStart => (Body[7] & 2) != 0;

        public bool Says(string text) => Encoding.UTF8.GetString(Body).Contains(text, StringComparison.Ordinal);
    }

    /// <summary>Waits for a connection whose client id holds this.</summary>
    public async Task<Packet> AcceptAsync(string clientId)
    {
        while (true)
        {
            using var patience = new CancellationTokenSource(EgressRig.Patience);
            var client = await _listener.AcceptTcpClientAsync(patience.Token);
            _clients.Add(client);
            _stream = client.GetStream();
            var connect = await ReadAsync();
            if (connect.Says(clientId))
            {
                return connect;
            }
        }
    }

    public async Task<Packet> ReadAsync()
    {
        using var patience = new CancellationTokenSource(EgressRig.Patience);
        var header = new byte[1];
        await _stream!.ReadExactlyAsync(header, patience.Token);
        var (length, next) = (0, new byte[] { 0x80 });
        for (var shift = 0; next[0] >= 0x80; shift += 7)
        {
            await _stream.ReadExactlyAsync(next, patience.Token);
            length |= (next[0] & 0x7f) << shift;
        }

        var body = new byte[length];
        await _stream.ReadExactlyAsync(body, patience.Token);
        return new Packet(header[0], body);
    }

    /// <summary>True where the client sends nothing more of itself.</summary>
    public async Task<bool> IsQuietAsync()
    {
        await Task.Delay(100);
        return !_stream!.DataAvailable;
    }

    public Task SendAsync(params byte[] packet) => _stream!.WriteAsync(packet).AsTask();

    /// <summary>CONNACK (MQTT 5 section 3.2).</summary>
    public Task WelcomeAsync(bool sessionPresent) => SendAsync(0x20, 3, (byte)(sessionPresent ? 1 : 0), 0, 0);

    /// <summary>CONNACK of MQTT 3.1.1.</summary>
    public Task WelcomeOldAsync() => SendAsync(0x20, 2, 0, 0);

    /// <summary>PUBACK (4), PUBREC (5) or PUBCOMP (7) with a reason.</summary>
    public Task AcknowledgeAsync(int kind, ushort id, byte reason = 0) => SendAsync((byte)(kind << 4), 3, (byte)(id >> 8), (byte)id, reason);

    public void Close() => _clients[^1].Close();

    /// <summary>From now on an ordinary broker for the clients whose id holds this: whatever comes is answered, until it is disposed of.</summary>
    public async Task AnswerAllAsync(string clientId)
    {
        var connected = true;
        try
        {
            while (true)
            {
                try
                {
                    if (connected)
                    {
                        await AnswerAsync(await ReadAsync());
                    }
                    else
                    {
                        var connect = await AcceptAsync(clientId);
                        connected = true;
                        await (connect.Body[6] == 5 ? WelcomeAsync(sessionPresent: false) : WelcomeOldAsync());
                    }
                }
                catch (Exception e) when (e is IOException || (e is ObjectDisposedException && connected))
                {
                    connected = false;
                }
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException or OperationCanceledException)
        {
            // The end.
        }
    }

    private Task AnswerAsync(Packet packet) => packet switch
    {
        { Kind: 3, Qos: 1 } => SendAsync(0x40, 2, (byte)(packet.Id >> 8), (byte)packet.Id),
        { Kind: 3, Qos: 2 } => SendAsync(0x50, 2, (byte)(packet.Id >> 8), (byte)packet.Id),
        { Kind: 6 } => SendAsync(0x70, 2, (byte)(packet.Id >> 8), (byte)packet.Id),
        _ => Task.CompletedTask,
    };

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _clients.ForEach(client => client.Dispose());
        return ValueTask.CompletedTask;
    }
}
