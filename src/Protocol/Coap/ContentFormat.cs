namespace Protocol.Coap;

/// <summary>Content-Format numbers that devices use (IANA CoAP Content-Formats; the 154x ones are from drafts of LwM2M 1.0).</summary>
public static class ContentFormat
{
    public const ushort TextPlain = 0;
    public const ushort LinkFormat = 40;
    public const ushort Xml = 41;
    public const ushort OctetStream = 42;
    public const ushort Exi = 47;
    public const ushort Json = 50;
    public const ushort Cbor = 60;
    public const ushort SenmlJson = 110;
    public const ushort SenmlCbor = 112;
    public const ushort SenmlEtchJson = 320;
    public const ushort SenmlEtchCbor = 322;
    public const ushort DraftText = 1541;
    public const ushort DraftTlv = 1542;
    public const ushort DraftJson = 1543;
    public const ushort DraftOpaque = 1544;
    public const ushort Lwm2mTlv = 11542;
    public const ushort Lwm2mJson = 11543;
    public const ushort Lwm2mCbor = 11544;
}
