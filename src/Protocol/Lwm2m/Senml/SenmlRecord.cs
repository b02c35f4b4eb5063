using Protocol.Lwm2m.Values;

namespace Protocol.Lwm2m.Senml;

/// <summary>One record as it stands in the payload, before base fields are applied. Its spans belong to the payload.</summary>
ref struct SenmlRecord
{
    uint seen;

    // Fields: a property would copy what it gives.
    internal ReadOnlySpan<byte> BaseName;
    internal double BaseTime;
    internal WireValue BaseValue;
    internal ReadOnlySpan<byte> Name;
    internal double Time;
    internal WireValue Value;

    /// <summary>What makes this record unusable, and no other.</summary>
    internal string? Fault { get; private set; }

    /// <summary>What makes the whole pack unusable.</summary>
    internal string? Refusal { get; private set; }

    internal readonly bool Has(SenmlLabel label) => (seen & Bit(label)) != 0;

    /// <summary>Takes one field; the first thing that is wrong is kept.</summary>
    internal void Set(SenmlLabel label, scoped in WireValue field)
    {
        if (label == SenmlLabel.Unknown)
            return;
        if (label == SenmlLabel.MustUnderstand)
        {
            Refusal ??= "SenML with a field that must be understood, and is not";
            return;
        }
        if (Has(label))
        {
            Fault ??= "a field of the record comes twice";
            return;
        }
        seen |= Bit(label);
        switch (label)
        {
            case SenmlLabel.BaseName:
                BaseName = field.Bytes;
                Refusal ??= field.Kind == WireKind.Text ? null : "the base name of SenML is not a text";
                break;
            case SenmlLabel.BaseTime:
                BaseTime = field.Number;
                Refusal ??= field.IsNumber ? null : "the base time of SenML is not a number";
                break;
            case SenmlLabel.BaseValue:
                BaseValue = field;
                Refusal ??= field.IsNumber ? null : "the base value of SenML is not a number";
                break;
            case SenmlLabel.BaseVersion:
                Refusal ??= IsKnownVersion(field) ? null : "SenML of a version that is not known";
                break;
            case SenmlLabel.Name:
                Name = field.Bytes;
                Fault ??= field.Kind == WireKind.Text ? null : "the name is not a text";
                break;
            case SenmlLabel.Time:
                Time = field.Number;
                Fault ??= field.IsNumber ? null : "the time is not a number";
                break;
            case SenmlLabel.Value or SenmlLabel.StringValue or SenmlLabel.BooleanValue or SenmlLabel.DataValue or SenmlLabel.ObjectLinkValue:
                SetValue(label, field);
                break;
        }
    }

    void SetValue(SenmlLabel label, scoped in WireValue field)
    {
        if (Value.Kind != WireKind.Absent)
        {
            Fault ??= "the record has more than one value";
            return;
        }
        Value = (label, field.Kind) switch
        {
            (SenmlLabel.DataValue, WireKind.Text) => WireValue.Of(WireKind.Base64, field.Bytes),
            (SenmlLabel.ObjectLinkValue, WireKind.Text) => WireValue.Of(WireKind.Link, field.Bytes),
            _ => field,
        };
        var fits = (label, Value.Kind) switch
        {
            (_, WireKind.Null) => true,
            (SenmlLabel.Value, _) => Value.IsNumber,
            (SenmlLabel.StringValue, WireKind.Text) => true,
            (SenmlLabel.BooleanValue, WireKind.Boolean) => true,
            (SenmlLabel.DataValue, WireKind.Base64 or WireKind.Bytes) => true,
            (SenmlLabel.ObjectLinkValue, WireKind.Link) => true,
            _ => false,
        };
        Fault ??= fits ? null : "the value is not of the kind that its label says";
    }

    // 10 is RFC 8428, below are its drafts; 26 adds units (RFC 9100 section 3), which say nothing to LwM2M.
    static bool IsKnownVersion(scoped in WireValue field) => field.TryUnsigned(out var version) && version is > 0 and <= 10 or 26;

    static uint Bit(SenmlLabel label) => 1u << ((int)label - (int)SenmlLabel.BaseSum);
}
