namespace Protocol.Lwm2m.Formats;

/// <summary>CoAP Content-Format numbers that LwM2M uses (LwM2M Core 1.2 section 7.4, IANA CoRE parameters).</summary>
public static class ContentFormats
{
    public const ushort Text = 0;
    public const ushort LinkFormat = 40;
    public const ushort Xml = 41;
    public const ushort Opaque = 42;
    public const ushort Exi = 47;

    /// <summary>JSON of no kind in particular; that of LwM2M is <see cref="Json"/>.</summary>
    public const ushort PlainJson = 50;
    public const ushort Cbor = 60;
    public const ushort SenmlJson = 110;
    public const ushort SenmlCbor = 112;

    /// <summary>SenML that asks or patches (RFC 8790), for composite operations.</summary>
    public const ushort SenmlEtchJson = 320;

    /// <inheritdoc cref="SenmlEtchJson"/>
    public const ushort SenmlEtchCbor = 322;
    public const ushort Tlv = 11542;
    public const ushort Json = 11543;
    public const ushort Lwm2mCbor = 11544;

    /// <summary>Numbers that drafts of LwM2M 1.0 used and old devices still send.</summary>
    public const ushort LegacyText = 1541;

    /// <inheritdoc cref="LegacyText"/>
    public const ushort LegacyTlv = 1542;

    /// <inheritdoc cref="LegacyText"/>
    public const ushort LegacyJson = 1543;

    /// <inheritdoc cref="LegacyText"/>
    public const ushort LegacyOpaque = 1544;
}
