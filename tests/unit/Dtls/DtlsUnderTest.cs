using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Protocol.Dtls;

namespace Pipeline.Tests.Dtls;

/// <summary>A DTLS server and its devices on a network in memory; addresses are numbers. What it hears it echoes, where <see cref="Echoes"/> is set.</summary>
sealed class DtlsUnderTest : IDtlsHost<int>, IDisposable
{
    public static readonly byte[] Key = Convert.FromHexString("000102030405060708090a0b0c0d0e0f");

    public const int Slot = 0x0A0B;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly ConcurrentDictionary<int, Action<byte[]>> _receivers = new();

    public DtlsUnderTest(int mostSessions = 100, DtlsSettings? settings = null) =>
        Server = new DtlsServer<int>(this, settings ?? new DtlsSettings { FindKey = name => Keys.TryGetValue(name, out var key) ? new PreSharedKey(key) : null }, mostSessions, Slot, Time);

    public FakeTimeProvider Time { get; } = new();

    public ConcurrentDictionary<string, byte[]> Keys { get; } = new(new Dictionary<string, byte[]> { ["dev-1"] = Key, ["dev-2"] = [1, 2, 3, 4] });

    public DtlsServer<int> Server { get; }

    public bool Echoes { get; set; } = true;

    public bool Admits { get; set; } = true;

    /// <summary>Sessions are written down; those that wait for it.</summary>
    public bool Saves { get; init; }

    public ConcurrentQueue<DtlsSession<int>> Attended { get; } = new();

    /// <summary>What the server has heard: who, and what.</summary>
    public ConcurrentQueue<(string Name, string Text)> Heard { get; } = new();

    public ConcurrentQueue<(int Address, HandshakeResult Result, DtlsIdentity? Identity, string? Cipher)> Results { get; } = new();

    public ConcurrentQueue<DropReason> Drops { get; } = new();

    public ConcurrentQueue<(bool IsSent, string Description)> Alerts { get; } = new();

    public ConcurrentQueue<(int From, int To)> Moves { get; } = new();

    /// <summary>Datagrams that the server has sent.</summary>
    public ConcurrentQueue<(int Address, byte[] Datagram)> Sent { get; } = new();

    /// <summary>Whether a datagram of the server arrives.</summary>
    public Func<byte[], bool> Arrives { get; set; } = _ => true;

    public DtlsClient Client(int address, string identity = "dev-1", byte[]? key = null, params int[] suites) =>
        Put(address, new DtlsClient(datagram => Receive(address, datagram), identity, key ?? Key, suites));

    /// <summary>A device that offers to use connection ids.</summary>
    public DtlsClient ClientWithId(int address, string identity = "dev-1", byte[]? key = null) =>
        Put(address, new DtlsClient(datagram => Receive(address, datagram), identity, key ?? Key) { OffersId = true });

    /// <summary>A device of another make.</summary>
    public DtlsClient Client(int address, Func<Action<byte[]>, DtlsClient> make) => Put(address, make(datagram => Receive(address, datagram)));

    /// <summary>The device has another socket, or its NAT another address for it.</summary>
    public void Carry(DtlsClient client, int to)
    {
        client.Network = datagram => Receive(to, datagram);
        Put(to, client);
    }

    public Task<DtlsClient> ConnectedAsync(int address, string identity = "dev-1", byte[]? key = null, params int[] suites) =>
        ConnectedAsync(Client(address, identity, key, suites));

    public async Task<DtlsClient> ConnectedAsync(DtlsClient client)
    {
        var ended = Results.Count;
        try
        {
            await client.ConnectAsync();
            return client;
        }
        finally
        {
            // The server tells how it ended after its last flight has left.
            for (var patience = Stopwatch.StartNew(); (Results.Count == ended || Server.Handshakes > 0) && patience.Elapsed < Patience;)
                await Task.Delay(1);
        }
    }

    /// <summary>Who takes what is sent to an address.</summary>
    public void Attach(int address, Action<byte[]> receiver) => _receivers[address] = receiver;

    DtlsClient Put(int address, DtlsClient client)
    {
        Attach(address, client.Deliver);
        return client;
    }

    public void Receive(int from, byte[] datagram) => Server.Receive(from, datagram);

    public void Dispose() => Server.Dispose();

    void IDtlsHost<int>.Send(in int to, ReadOnlySpan<byte> datagram)
    {
        var bytes = datagram.ToArray();
        Sent.Enqueue((to, bytes));
        if (_receivers.TryGetValue(to, out var receiver) && Arrives(bytes))
            receiver(bytes);
    }

    void IDtlsHost<int>.Receive(in int from, DtlsSession<int> session, ReadOnlySpan<byte> plaintext)
    {
        var text = Encoding.UTF8.GetString(plaintext);
        Heard.Enqueue((session.Identity.Name, text));
        if (Echoes)
            session.TrySend(Encoding.UTF8.GetBytes("echo " + text));
    }

    /// <summary>The host tells two devices behind one address apart.</summary>
    public static int PeerOf(int address, string identity) => identity == "dev-1" ? address : address + 1_000_000;

    int IDtlsHost<int>.PeerOf(in int address, DtlsIdentity identity) => PeerOf(address, identity.Name);

    void IDtlsHost<int>.Moved(DtlsSession<int> session, in int from, in int to) => Moves.Enqueue((from, to));

    bool IDtlsHost<int>.SavesSessions => Saves;

    void IDtlsHost<int>.Attend(DtlsSession<int> session) => Attended.Enqueue(session);

    int IDtlsHost<int>.Describe(in int address, Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(bytes, address);
        return sizeof(int);
    }

    bool IDtlsHost<int>.MayBegin(in int from) => Admits;

    void IDtlsHost<int>.Ended(in int with, HandshakeResult result, DtlsIdentity? identity, string? cipher) =>
        Results.Enqueue((with, result, identity, cipher));

    void IDtlsHost<int>.Alerted(bool isSent, string description) => Alerts.Enqueue((isSent, description));

    void IDtlsHost<int>.Dropped(DropReason reason) => Drops.Enqueue(reason);
}
