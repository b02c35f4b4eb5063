using Protocol.Coap;
using Tools.Network;

namespace Tools.Load;

/// <summary>
/// A device as lean as can be: one resource, one outstanding message (NSTART = 1, RFC 7252 section 4.7), and no memory of what it answered,
/// since all that it answers may be done twice. Belongs to the thread of the generator.
/// </summary>
sealed class LoadDevice(int index, string endpoint, DeviceSocket socket, ushort messageId)
{
    public int Index => index;

    /// <summary>Place among the devices that take turns.</summary>
    public int Position { get; set; }

    public string Endpoint => endpoint;

    public DeviceSocket Socket => socket;

    public string? Location { get; set; }

    public bool IsRegistered => Location is not null;

    public bool IsObserved => ObservedDepth > 0;

    /// <summary>Levels of the path that is observed; 0 where none is.</summary>
    public int ObservedDepth { get; set; }

    public CoapToken ObserveToken { get; set; }

    public uint ObserveSequence { get; set; }

    public LoadExchange Exchange { get; set; }

    /// <summary>Of the outstanding message.</summary>
    public ushort MessageId { get; private set; } = messageId;

    /// <summary>An empty acknowledgement came, the response is still to come.</summary>
    public bool IsAcknowledged { get; set; }

    public Retransmission Retransmission;

    /// <summary>When the outstanding message had to leave, in microseconds: latencies count from here.</summary>
    public long DueAt { get; set; }

    /// <summary>The number in the last notification.</summary>
    public int Number { get; set; }

    /// <summary>Turns that came up while something was outstanding or just now.</summary>
    public int NotificationsDue { get; set; }

    public int UpdatesDue { get; set; }

    /// <summary>Turns that were taken, from which follows when the next one was due.</summary>
    public long NotificationsTaken { get; set; }

    public long UpdatesTaken { get; set; }

    /// <summary>Not before this time another Register, in microseconds.</summary>
    public long RegisterAt { get; set; } = long.MaxValue;

    public void NextMessage() => MessageId++;
}
