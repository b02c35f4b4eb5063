namespace Protocol.Coap;

/// <summary>Option numbers (IANA CoRE parameters). The number tells the class of the option (RFC 7252 section 5.4.6).</summary>
public static class CoapOptionNumber
{
    public const ushort IfMatch = 1;
    public const ushort UriHost = 3;
    public const ushort ETag = 4;
    public const ushort IfNoneMatch = 5;
    public const ushort Observe = 6;
    public const ushort UriPort = 7;
    public const ushort LocationPath = 8;
    public const ushort Oscore = 9;
    public const ushort UriPath = 11;
    public const ushort ContentFormat = 12;
    public const ushort MaxAge = 14;
    public const ushort UriQuery = 15;
    public const ushort HopLimit = 16;
    public const ushort Accept = 17;
    public const ushort QBlock1 = 19;
    public const ushort LocationQuery = 20;
    public const ushort Block2 = 23;
    public const ushort Block1 = 27;
    public const ushort Size2 = 28;
    public const ushort QBlock2 = 31;
    public const ushort ProxyUri = 35;
    public const ushort ProxyScheme = 39;
    public const ushort Size1 = 60;
    public const ushort Echo = 252;
    public const ushort NoResponse = 258;
    public const ushort RequestTag = 292;

    /// <summary>Critical: a receiver that does not understand it must not act on the message.</summary>
    public static bool IsCritical(ushort number) => (number & 1) != 0;

    /// <summary>Unsafe to forward by a proxy that does not understand it.</summary>
    public static bool IsUnsafe(ushort number) => (number & 2) != 0;
}
