namespace Protocol.Lwm2m.Senml;

/// <summary>From names and numbers to fields.</summary>
static class SenmlLabels
{
    internal static SenmlLabel Of(ReadOnlySpan<byte> name) => name switch
    {
        [(byte)'n'] => SenmlLabel.Name,
        [(byte)'v'] => SenmlLabel.Value,
        [(byte)'t'] => SenmlLabel.Time,
        [(byte)'u'] => SenmlLabel.Unit,
        [(byte)'s'] => SenmlLabel.Sum,
        [(byte)'v', (byte)'s'] => SenmlLabel.StringValue,
        [(byte)'v', (byte)'b'] => SenmlLabel.BooleanValue,
        [(byte)'v', (byte)'d'] => SenmlLabel.DataValue,
        [(byte)'v', (byte)'l', (byte)'o'] => SenmlLabel.ObjectLinkValue,
        [(byte)'u', (byte)'t'] => SenmlLabel.UpdateTime,
        [(byte)'b', (byte)'n'] => SenmlLabel.BaseName,
        [(byte)'b', (byte)'t'] => SenmlLabel.BaseTime,
        [(byte)'b', (byte)'u'] => SenmlLabel.BaseUnit,
        [(byte)'b', (byte)'v'] => SenmlLabel.BaseValue,
        [(byte)'b', (byte)'s'] => SenmlLabel.BaseSum,
        [(byte)'b', (byte)'v', (byte)'e', (byte)'r'] => SenmlLabel.BaseVersion,
        [.., (byte)'_'] => SenmlLabel.MustUnderstand,
        _ => SenmlLabel.Unknown,
    };

    internal static SenmlLabel Of(long number) =>
        number is >= (long)SenmlLabel.BaseSum and <= (long)SenmlLabel.DataValue ? (SenmlLabel)number : SenmlLabel.Unknown;
}
