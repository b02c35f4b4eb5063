using Protocol.Coap;

namespace Pipeline.Tests.Coap;

/// <summary>Messages as they stand on the wire, from the RFCs and from devices.</summary>
static class CoapSamples
{
    /// <summary>RFC 7252 figure 16: CON GET /temperature, no token.</summary>
    public const string Figure16Request = "40017d34bb74656d7065726174757265";

    /// <summary>RFC 7252 figure 16: piggybacked 2.05 "22.3 C".</summary>
    public const string Figure16Response = "60457d34ff32322e332043";

    /// <summary>RFC 7252 figure 17: the same request with token 0x20.</summary>
    public const string Figure17Request = "41017d3520bb74656d7065726174757265";

    public const string Figure17Response = "61457d3520ff32322e332043";

    /// <summary>After RFC 7641 figure 2: CON notification, token 4a, Observe 44, "22.8 Cel"; Max-Age 60 and message id are ours.</summary>
    public const string Notification = "41451234" + "4a" + "612c" + "813c" + "ff" + "32322e382043656c";

    /// <summary>CON notification of /3303/0/5700 as TLV with 8-byte token, the shape of most traffic.</summary>
    public const string TlvNotification = "48459c41" + "0102030405060708" + "620102" + "622d16" + "ff" + "e816440441b9999a";

    /// <summary>Register: /rd?ep=dev-1&amp;lt=300&amp;lwm2m=1.0&amp;b=U with two links.</summary>
    public const string Register =
        "4402000154ab3f01" + "b2" + "7264" + "1128" + "38" + "65703d6465762d31" + "06" + "6c743d333030"
        + "09" + "6c776d326d3d312e30" + "03" + "623d55" + "ff" + "3c2f312f303e2c3c2f332f303e";

    const string EmptyAcknowledgement = "60007d34";

    public static byte[][] All { get; } =
    [
        .. new[]
        {
            Figure16Request, Figure16Response, Figure17Request, Figure17Response, Notification, TlvNotification, Register,
            EmptyAcknowledgement,
        }.Select(Convert.FromHexString),
    ];

    /// <summary>
    /// Blocks: POST /rd?ep=ep1 with Block1 0/1/16, 1/1/16 and 2/0/16; 2.31 to the first two; 2.05 with Block2 0/1/16 and 1/0/16 and an ETag.
    /// </summary>
    public static byte[][] Blocks { get; } =
    [
        .. new[]
        {
            "41024001aa" + "b27264" + "1128" + "3665703d657031" + "c108" + "ff" + "3c2f312f303e2c3c2f332f303e2c3c2f",
            "41024002aa" + "b27264" + "1128" + "3665703d657031" + "c118" + "ff" + "352f303e2c3c2f362f303e2c3c2f372f",
            "41024003aa" + "b27264" + "1128" + "3665703d657031" + "c120" + "ff" + "303e",
            "615f4001aa" + "d10e08", "615f4002aa" + "d10e18", "615f4002aa" + "d10e0a",
            "61454001aa" + "42abcd" + "d10608" + "ff" + "000102030405060708090a0b0c0d0e0f",
            "61454002aa" + "42abcd" + "d10610" + "ff" + "00010203",
        }.Select(Convert.FromHexString),
    ];

    public static byte[] Bytes(string hex) => Convert.FromHexString(hex);

    public static CoapFrame Parse(ReadOnlySpan<byte> datagram)
    {
        Assert.Equal(CoapParseError.None, CoapFrame.TryParse(datagram, out var frame));
        return frame;
    }
}
