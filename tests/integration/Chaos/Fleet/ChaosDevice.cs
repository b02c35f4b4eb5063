using System.Net;
using System.Net.Sockets;
using Protocol.Coap;

namespace Pipeline.IntegrationTests.Chaos.Fleet;

/// <summary>
/// A device that has one address and several replicas to speak to. It sends one message at a time (NSTART = 1), repeats it by RFC 7252 section
/// 4.2, and knows the requests that it has answered. Belongs to the thread of the fleet.
/// </summary>
sealed class ChaosDevice : IDisposable
{
    const int MostRequestsKnown = 32;
    const int MostNotes = 16;

    readonly AnsweredRequest?[] _requests = new AnsweredRequest?[MostRequestsKnown];
    readonly (long At, string What, int Replica, int Number)[] _notes = new (long, string, int, int)[MostNotes];
    int _nextRequest;
    int _noted;

    public ChaosDevice(int index, string endpoint, ushort messageId)
    {
        (Index, Endpoint, MessageId) = (index, endpoint, messageId);
        Socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        Socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    public int Index { get; }

    public string Endpoint { get; }

    public Socket Socket { get; }

    public string? Location { get; set; }

    /// <summary>It was registered once: another Register is a registration lost.</summary>
    public bool WasRegistered { get; set; }

    public bool IsObserved { get; set; }

    public CoapToken ObserveToken { get; set; }

    /// <summary>What is under way, or, between <see cref="HeldUntil"/> and the next attempt, what has to be sent anew.</summary>
    public Exchange Exchange { get; set; }

    /// <summary>Of the message under way.</summary>
    public int Number { get; set; }

    public ushort MessageId { get; private set; }

    /// <summary>Of the observation that the notification under way belongs to.</summary>
    public CoapToken NotifiedToken { get; set; }

    public bool IsAcknowledged { get; set; }

    /// <summary>The gateway has said 5.03: until then, in milliseconds, nothing is sent. 0: it has not.</summary>
    public long HeldUntil { get; set; }

    /// <summary>When the message under way left first, in milliseconds.</summary>
    public long BegunAt { get; set; }

    public Retransmission Retransmission;

    /// <summary>The replica that the message was sent to last.</summary>
    public int Replica { get; set; }

    /// <summary>The replica that has acknowledged the last message; -1 before the first.</summary>
    public int Owner { get; set; } = -1;

    /// <summary>The replica that owned it when that was struck; -1 for none.</summary>
    public int FormerOwner { get; set; } = -1;

    public int NotificationsDue { get; set; }

    public int UpdatesDue { get; set; }

    public bool IsUnderWay => Exchange != Exchange.None && HeldUntil == 0;

    public void NextMessage() => MessageId++;

    public AnsweredRequest? Find(int replica, ushort messageId, long since) =>
        Array.Find(_requests, known => known is not null && known.Replica == replica && known.MessageId == messageId && known.At > since);

    public void Remember(AnsweredRequest request)
    {
        _requests[_nextRequest] = request;
        _nextRequest = (_nextRequest + 1) % MostRequestsKnown;
    }

    /// <summary>Remembers what happened, for <see cref="History"/>.</summary>
    public void Note(long now, string what, int replica) => _notes[_noted++ % MostNotes] = (now, what, replica, Number);

    /// <summary>What happened last, in order.</summary>
    public string History => string.Join("; ", Enumerable.Range(Math.Max(0, _noted - MostNotes), Math.Min(_noted, MostNotes))
        .Select(i => _notes[i % MostNotes]).Select(n => $"{n.At} {n.What} {n.Number} @{n.Replica}"));

    public void Dispose() => Socket.Dispose();
}
