using Protocol.Coap;
using Protocol.Lwm2m;

namespace Tools.Simulation;

/// <summary>One observation that the gateway has set up (RFC 7641). Times are milliseconds of the device's clock.</summary>
sealed class Observation(CoapToken token, Lwm2mPath path, ushort format)
{
    const uint SequenceMask = 0xFFFFFF;

    public CoapToken Token => token;

    /// <summary>The root for a composite observation.</summary>
    public Lwm2mPath Path => path;

    /// <summary>Of a composite observation; null for one path.</summary>
    public IReadOnlyList<Lwm2mPath>? Paths { get; init; }

    public ushort Format => format;

    /// <summary>The Observe value that was sent last.</summary>
    public uint Sequence { get; private set; }

    public long SentAt { get; private set; }

    public long ConfirmedAt { get; set; }

    /// <summary>Message id of the last notification, which a Reset names.</summary>
    public ushort? MessageId { get; set; }

    /// <summary>A value below the path changed since the last notification.</summary>
    public bool IsChanged { get; set; }

    /// <summary>The device wants to report, whatever the value is.</summary>
    public bool IsPressed { get; set; }

    /// <summary>The number that was sent last, where the path is that of a numeric resource.</summary>
    public double? SentNumber { get; private set; }

    public bool IsEnded { get; set; }

    /// <summary>Whether it is about that path, what lies above it, or below.</summary>
    public bool Touches(Lwm2mPath changed) => Paths is null ? Touch(path, changed) : Paths.Any(each => Touch(each, changed));

    static bool Touch(Lwm2mPath observed, Lwm2mPath changed) => observed.IsPrefixOf(changed) || changed.IsPrefixOf(observed);

    /// <summary>The state is taken now for the answer or a notification.</summary>
    public void Take(long now, double? number)
    {
        Sequence = (Sequence + 1) & SequenceMask;
        SentAt = now;
        SentNumber = number;
        IsChanged = false;
        IsPressed = false;
    }
}
