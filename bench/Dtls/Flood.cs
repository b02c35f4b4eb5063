using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Pipeline.Bench.Dtls;

/// <summary>Garbage for a DTLS listener at a rate, from many addresses of the loopback net: noise, ClientHellos, records of nobody, and forged ones of live sessions, as many of each.</summary>
sealed class Flood : IDisposable
{
    const int Sources = 64;
    const int HeaderWithId = 19;

    readonly List<Socket> _sockets = [];
    readonly List<byte[]> _garbage = [];
    readonly Thread _thread;
    volatile bool _ends;
    long _sent;

    /// <param name="gateway">The listener.</param>
    /// <param name="rate">Datagrams each second.</param>
    /// <param name="live">Records of sessions that live, with connection ids.</param>
    public Flood(IPEndPoint gateway, int rate, IReadOnlyList<byte[]> live)
    {
        for (var i = 1; i <= Sources; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(new IPAddress([127, 3, 0, (byte)i]), 0));
            socket.Connect(gateway);
            _sockets.Add(socket);
        }

        var hello = DtlsCosts.Hello();
        foreach (var record in live)
        {
            var forged = record.ToArray();
            forged[^1] ^= 1;
            byte[] unknown = [.. record];
            // Behind type, version, epoch and number: the slot stays, the rest is nobody's.
            RandomNumberGenerator.Fill(unknown.AsSpan(HeaderWithId - 6, 4));
            var noise = RandomNumberGenerator.GetBytes(record.Length);
            noise[0] = 0;
            _garbage.AddRange([noise, hello, unknown, forged]);
        }

        _thread = new Thread(() => Run(rate)) { Name = "flood" };
        _thread.Start();
    }

    public long Sent => Volatile.Read(ref _sent);

    public void Dispose()
    {
        _ends = true;
        _thread.Join();
        _sockets.ForEach(s => s.Dispose());
    }

    void Run(int rate)
    {
        var started = Stopwatch.GetTimestamp();
        while (!_ends)
        {
            for (var wanted = (long)(Stopwatch.GetElapsedTime(started).TotalSeconds * rate); _sent < wanted && !_ends; _sent++)
                Send(_sockets[(int)(_sent / 4 % Sources)], _garbage[(int)(_sent % _garbage.Count)]);
            Thread.Sleep(1);
        }
    }

    static void Send(Socket socket, byte[] datagram)
    {
        try
        {
            // Answers are nobody's: the kernel drops them when the buffer is full.
            socket.Send(datagram);
        }
        catch (SocketException)
        {
            // The kernel has no room, or tells of a port that is closed: the report shows what arrived.
        }
    }
}
