using System.Collections.Concurrent;
using System.Text;
using Pipeline.Tests.Dtls;
using Tools.Dtls;
using Tools.Simulation;

namespace Pipeline.Tests.Tools.Dtls;

/// <summary>A device of the simulator on the network of <see cref="DtlsUnderTest"/>, whose server makes handshakes on threads of its own.</summary>
sealed class LinkUnderTest : DtlsLink.IUser
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly DtlsUnderTest _server;
    readonly BlockingCollection<byte[]> _incoming = [];

    public LinkUnderTest(DtlsUnderTest server, int address, string identity = "dev-1", byte[]? key = null, bool usesId = true, ulong seed = 1)
    {
        _server = server;
        Carry(address);
        Link = new DtlsLink(new DtlsCredential(identity, key ?? DtlsUnderTest.Key, usesId), new SeededRandom(seed), this);
    }

    public DtlsLink Link { get; }

    public long Now { get; set; }

    /// <summary>What becomes of a datagram of the device: false is lost.</summary>
    public Func<byte[], bool> Leaves { get; set; } = _ => true;

    /// <summary>All that it has put on the network, also what was lost.</summary>
    public List<byte[]> Sent { get; } = [];

    public List<string> Heard { get; } = [];

    /// <summary>How handshakes ended: null is a session.</summary>
    public List<string?> Handshakes { get; } = [];

    public int Ends { get; private set; }

    int Address { get; set; }

    public void Carry(int address)
    {
        Address = address;
        _server.Attach(address, _incoming.Add);
    }

    public void Say(string text) => Link.Send(Now, Encoding.UTF8.GetBytes(text));

    /// <summary>Takes what comes until that is so.</summary>
    public void Until(Func<bool> isSo)
    {
        while (!isSo())
        {
            Assert.True(_incoming.TryTake(out var datagram, Patience), $"nothing came; the server dropped {string.Join(", ", _server.Drops)}");
            Link.Receive(Now, datagram);
        }
    }

    public void Poll() => Link.Poll(Now = Link.NextDeadline);

    public void Take(byte[] datagram) => Link.Receive(Now, datagram);

    void DtlsLink.IUser.Transmit(ReadOnlySpan<byte> datagram)
    {
        var bytes = datagram.ToArray();
        Sent.Add(bytes);
        if (Leaves(bytes))
            _server.Receive(Address, bytes);
    }

    void DtlsLink.IUser.Hear(ReadOnlySpan<byte> message) => Heard.Add(Encoding.UTF8.GetString(message));

    void DtlsLink.IUser.HandshakeEnded(string? problem) => Handshakes.Add(problem);

    void DtlsLink.IUser.SessionEnded() => Ends++;
}
