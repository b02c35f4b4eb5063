using System.Net;
using System.Net.Sockets;
using System.Text;
using Pipeline.IntegrationTests.Devices;
using Pipeline.Tests.Dtls;

namespace Pipeline.IntegrationTests.Dtls;

/// <summary>A device that speaks CoAP over DTLS, from one socket after the other; its records bear a connection id where it offers one.</summary>
sealed class SecureDevice(string identity, byte[] key, bool offersId) : IDisposable
{
    readonly DtlsClient _client = new(_ => { }, identity, key) { OffersId = offersId };
    UdpClient? _socket;

    /// <summary>From another address, to that door. At the old one nothing is heard any more.</summary>
    public void Carry(IPEndPoint door)
    {
        _socket?.Dispose();
        var socket = _socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Connect(door);
        _client.Network = datagram => socket.Send(datagram);
        _ = Task.Run(async () =>
        {
            while (true)
                _client.Deliver((await socket.ReceiveAsync()).Buffer);
        });
    }

    /// <exception cref="Org.BouncyCastle.Tls.TlsFatalAlertReceived">It is not let in.</exception>
    public Task ConnectAsync() => _client.ConnectAsync();

    /// <summary>Says something, and gives what it is answered.</summary>
    public Datagram Ask(Datagram message)
    {
        _client.Say(message.ToBytes());
        return Hear();
    }

    public void Say(Datagram message) => _client.Say(message.ToBytes());

    /// <summary>As <see cref="Ask"/>, after things were said whose answers nobody has listened to.</summary>
    public Datagram AskLast(Datagram message)
    {
        Say(message);
        while (true)
        {
            if (Hear() is var answer && answer.Id == message.Id)
                return answer;
        }
    }

    /// <summary>The gateway asks for that, and gets this.</summary>
    public Datagram Answer(string said, string text, uint? observe = null)
    {
        var request = Hear();
        Assert.Equal(said, request.Said);
        _client.Say(new Datagram
        {
            Type = MessageType.Acknowledgement,
            Code = Datagram.Content,
            Id = request.Id,
            Token = request.Token,
            Options = observe is { } sequence ? [Datagram.Option(Datagram.Observe, sequence)] : [],
            Payload = Encoding.UTF8.GetBytes(text),
        }.ToBytes());
        return request;
    }

    /// <summary>Whether all that comes of saying that is the end of the session.</summary>
    public bool IsEndedBy(Datagram message)
    {
        _client.Say(message.ToBytes());
        return _client.HearBytes().Length == 0 && _client.IsClosed;
    }

    public void Dispose() => _socket?.Dispose();

    Datagram Hear()
    {
        var bytes = _client.HearBytes();
        Assert.NotEmpty(bytes);
        return Datagram.Parse(bytes);
    }
}
