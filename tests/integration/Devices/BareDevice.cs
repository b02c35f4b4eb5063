using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pipeline.IntegrationTests.Devices;

/// <summary>
/// A device played by a bare UDP socket, in lockstep with the test: it sends what it is told, and every datagram of the gateway is expected
/// one by one, in order.
/// </summary>
sealed class BareDevice : IDisposable
{
    public const string Objects = "</1/0>,</3/0>";
    public const uint Tlv = 11542;
    public const uint Json = 11543;

    /// <summary>Far above what a gateway on a busy machine needs.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    static int names;

    readonly Socket _socket;
    readonly EndPoint _gateway;
    readonly byte[] _buffer = new byte[65536];
    ushort _messageId = (ushort)Random.Shared.Next();
    uint _token = (uint)Random.Shared.Next();

    public BareDevice(IPEndPoint gateway, string? endpoint = null)
    {
        _gateway = gateway;
        Endpoint = endpoint ?? NewName();
        _socket = new Socket(gateway.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(gateway.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, 0));
    }

    public string Endpoint { get; }

    public IPEndPoint Local => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>The second segment of the Location-Path.</summary>
    public string RegistrationId { get; private set; } = "";

    /// <summary>One that no other device of the run has.</summary>
    public static string NewName() => $"bare-{Interlocked.Increment(ref names)}";

    public ushort NextId() => ++_messageId;

    public byte[] NextToken() => BitConverter.GetBytes(++_token);

    public Task SendAsync(Datagram message) => SendAsync(message.ToBytes());

    public async Task SendAsync(byte[] bytes) => await _socket.SendToAsync(bytes, SocketFlags.None, _gateway);

    /// <summary>The next datagram of the gateway.</summary>
    public async Task<Datagram> ExpectAsync() =>
        await TryReceiveAsync(Patience)
        ?? throw new TimeoutException($"{Endpoint}: the gateway sent nothing within {Patience.TotalSeconds} s");

    /// <summary>Null: nothing came.</summary>
    public async Task<Datagram?> TryReceiveAsync(TimeSpan within)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(within);
        try
        {
            var received = await _socket.ReceiveFromAsync(_buffer, SocketFlags.None, _gateway, bound.Token);
            return Datagram.Parse(_buffer[..received.ReceivedBytes]);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Nothing comes for a while.</summary>
    public async Task ExpectSilenceAsync(int milliseconds = 300)
    {
        if (await TryReceiveAsync(TimeSpan.FromMilliseconds(milliseconds)) is { } message)
            Assert.Fail($"{Endpoint}: silence was expected, not {message}");
    }

    /// <summary>The gateway has answered everything before, and nothing is left: the next it says is the answer to a ping.</summary>
    public async Task ExpectNothingBeforePongAsync()
    {
        var ping = new Datagram { Id = NextId() };
        await SendAsync(ping);
        var pong = await ExpectAsync();
        Assert.Equal((MessageType.Reset, Datagram.Empty, ping.Id), (pong.Type, pong.Code, pong.Id));
    }

    /// <summary>Sends a request and gives the answer, which must be piggybacked, or a NON for a NON.</summary>
    public async Task<Datagram> RequestAsync(Datagram request)
    {
        await SendAsync(request);
        var answer = await ExpectAsync();
        Assert.Equal(Convert.ToHexString(request.Token), Convert.ToHexString(answer.Token));
        if (request.Type == MessageType.Confirmable)
            Assert.Equal((MessageType.Acknowledgement, request.Id), (answer.Type, answer.Id));
        else
            Assert.Equal(MessageType.NonConfirmable, answer.Type);
        return answer;
    }

    public Datagram RegisterRequest(
        string objects = Objects, int? lifetime = 300, string? version = "1.0", params string[] queries) => new()
    {
        Code = Datagram.Post,
        Id = NextId(),
        Token = NextToken(),
        Options =
        [
            Datagram.Option(Datagram.UriPath, "rd"),
            Datagram.Option(Datagram.ContentFormat, 40),
            Datagram.Option(Datagram.UriQuery, "ep=" + Endpoint),
            .. lifetime is null ? [] : new[] { Datagram.Option(Datagram.UriQuery, "lt=" + lifetime) },
            .. version is null ? [] : new[] { Datagram.Option(Datagram.UriQuery, "lwm2m=" + version) },
            .. queries.Select(q => Datagram.Option(Datagram.UriQuery, q)),
        ],
        Payload = Encoding.UTF8.GetBytes(objects),
    };

    /// <summary>Registers, and is answered as LwM2M wants: 2.01 with Location-Path /rd/ID.</summary>
    public async Task RegisterAsync(string objects = Objects, int? lifetime = 300, string? version = "1.0", params string[] queries) =>
        Registered(await RequestAsync(RegisterRequest(objects, lifetime, version, queries)));

    public void Registered(Datagram answer)
    {
        Assert.Equal("2.01", answer.Dotted);
        var location = answer.Texts(Datagram.LocationPath).ToList();
        Assert.Equal((2, "rd"), (location.Count, location[0]));
        Assert.Equal($"ACK 2.01 8=rd 8={location[1]}", answer.Said);
        RegistrationId = location[1];
    }

    public Datagram UpdateRequest(string? objects = null, params string[] queries) => new()
    {
        Code = Datagram.Post,
        Id = NextId(),
        Token = NextToken(),
        Options =
        [
            Datagram.Option(Datagram.UriPath, "rd"),
            Datagram.Option(Datagram.UriPath, RegistrationId),
            .. objects is null ? [] : new[] { Datagram.Option(Datagram.ContentFormat, 40) },
            .. queries.Select(q => Datagram.Option(Datagram.UriQuery, q)),
        ],
        Payload = Encoding.UTF8.GetBytes(objects ?? ""),
    };

    public async Task UpdateAsync(string? objects = null, params string[] queries) =>
        Assert.Equal("ACK 2.04", (await RequestAsync(UpdateRequest(objects, queries))).Said);

    public Datagram DeregisterRequest() => new()
    {
        Code = Datagram.Delete,
        Id = NextId(),
        Token = NextToken(),
        Options = [Datagram.Option(Datagram.UriPath, "rd"), Datagram.Option(Datagram.UriPath, RegistrationId)],
    };

    public async Task DeregisterAsync() => Assert.Equal("ACK 2.02", (await RequestAsync(DeregisterRequest())).Said);

    /// <summary>The gateway's next message is this request, with a token of its own choice.</summary>
    /// <param name="said">As <see cref="Datagram.Said"/> shows it.</param>
    public async Task<Datagram> ExpectRequestAsync(string said)
    {
        var request = await ExpectAsync();
        Assert.Equal(said, request.Said);
        Assert.Equal(8, request.Token.Length);
        return request;
    }

    /// <summary>Answers a request piggybacked.</summary>
    public Task AnswerAsync(
        Datagram request, byte code, byte[]? payload = null, uint? format = null, uint? observe = null, string[]? location = null) =>
        SendAsync(Response(MessageType.Acknowledgement, request.Id, request.Token, code, payload, format, observe, location));

    public Task AnswerAsync(Datagram request, byte code, string text, uint? format = null, uint? observe = null) =>
        AnswerAsync(request, code, Encoding.UTF8.GetBytes(text), format, observe);

    public Task AcknowledgeAsync(Datagram request) => SendAsync(new Datagram { Type = MessageType.Acknowledgement, Id = request.Id });

    public Task ResetAsync(Datagram request) => SendAsync(new Datagram { Type = MessageType.Reset, Id = request.Id });

    /// <summary>A notification, or a separate response, under a message id of its own.</summary>
    public Datagram Notification(byte[] token, byte[] payload, uint? format = null, uint? observe = null, byte code = Datagram.Content,
        MessageType type = MessageType.Confirmable) => Response(type, NextId(), token, code, payload, format, observe);

    public Datagram Notification(byte[] token, string text, uint observe, MessageType type = MessageType.Confirmable) =>
        Notification(token, Encoding.UTF8.GetBytes(text), 0, observe, type: type);

    /// <summary>The gateway's next message is the empty acknowledgement of that one.</summary>
    public async Task ExpectAcknowledgementAsync(Datagram message) => await ExpectEmptyAsync(MessageType.Acknowledgement, message);

    public async Task ExpectResetAsync(Datagram message) => await ExpectEmptyAsync(MessageType.Reset, message);

    /// <summary>Answers an observe command positively; gives the token of the observation.</summary>
    public async Task<byte[]> BeginObservationAsync(string said, string text, uint observe)
    {
        var request = await ExpectRequestAsync(said);
        await AnswerAsync(request, Datagram.Content, text, 0, observe);
        return request.Token;
    }

    public void Dispose() => _socket.Dispose();

    async Task ExpectEmptyAsync(MessageType type, Datagram message)
    {
        var answer = await ExpectAsync();
        Assert.Equal($"{new Datagram { Type = type, Id = message.Id }}", $"{answer}");
        Assert.Equal(4, answer.Bytes.Length);
    }

    static Datagram Response(
        MessageType type, ushort id, byte[] token, byte code, byte[]? payload, uint? format, uint? observe, string[]? location = null) => new()
    {
        Type = type,
        Code = code,
        Id = id,
        Token = token,
        Options =
        [
            .. observe is { } number ? new[] { Datagram.Option(Datagram.Observe, number) } : [],
            .. (location ?? []).Select(segment => Datagram.Option(Datagram.LocationPath, segment)),
            .. format is { } content ? new[] { Datagram.Option(Datagram.ContentFormat, content) } : [],
        ],
        Payload = payload ?? [],
    };
}
