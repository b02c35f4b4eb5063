using System.Globalization;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Values;
using Tools.Simulation.Scenarios;

namespace Tools.Simulation;

/// <summary>A fault of some devices of a group; shared by all of them. Times are milliseconds since the start of the run.</summary>
sealed record DeviceFault(Lwm2mPath Path, FaultKind Kind, long From, long Until)
{
    /// <summary>What the resource holds, of <see cref="FaultKind.Value"/>.</summary>
    public Lwm2mValue Value { get; init; }

    public double Factor { get; init; } = 1;

    public double Offset { get; init; }

    /// <summary>Of <see cref="FaultKind.Type"/>.</summary>
    public ResourceType Type { get; init; }

    public bool IsActive(long now) => now >= From && now < Until;

    /// <summary>What the resource holds while the fault is there. A value that cannot be put wrong in that way stays.</summary>
    /// <param name="sound">What it should hold.</param>
    /// <param name="before">What it has held until now.</param>
    public Lwm2mValue Of(Lwm2mValue sound, Lwm2mValue before) => Kind switch
    {
        FaultKind.Value => Value,
        FaultKind.Scale => Scaled(sound),
        FaultKind.Type => Retyped(sound),
        FaultKind.Stuck when before.Type != ResourceType.None => before,
        _ => sound,
    };

    Lwm2mValue Scaled(Lwm2mValue value) => value.Type switch
    {
        ResourceType.Float => Lwm2mValue.Float(Math.Round(value.Real * Factor + Offset, 6)),
        ResourceType.Integer => Lwm2mValue.Integer((long)Math.Round(value.Number * Factor + Offset)),
        ResourceType.Time => Lwm2mValue.Time((long)Math.Round(value.Number * Factor + Offset)),
        ResourceType.UnsignedInteger => Lwm2mValue.UnsignedInteger((ulong)Math.Max(0, Math.Round(value.UnsignedNumber * Factor + Offset))),
        _ => value,
    };

    Lwm2mValue Retyped(Lwm2mValue value)
    {
        if (value.Type == ResourceType.None)
            return value;
        var text = value.Type == ResourceType.Float && Type is not (ResourceType.Float or ResourceType.String)
            ? Math.Round(value.Real).ToString("F0", CultureInfo.InvariantCulture)
            : value.ToString();
        if (Type == ResourceType.Opaque)
            return Lwm2mValue.Opaque(System.Text.Encoding.UTF8.GetBytes(text));
        return ValueParser.TryParse(Type, text, out var other, out _) ? other : value;
    }
}
