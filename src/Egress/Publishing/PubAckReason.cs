namespace Egress.Publishing;

/// <summary>Reason codes of PUBACK and PUBREC (MQTT 5 section 3.4.2.1), and of DISCONNECT, sorted by what to do about them.</summary>
internal static class PubAckReason
{
    /// <summary>Success, also where nobody listens.</summary>
    public static bool IsSuccess(byte reason) => reason < 0x80;

    /// <summary>Not authorized, topic name invalid, packet too large, retain or QoS not supported, payload format invalid.</summary>
    public static bool IsFinal(byte reason) => reason is 0x87 or 0x90 or 0x95 or 0x99 or 0x9a or 0x9b;

    /// <summary>True where the record may be why: not for busy, shutting down, keep alive, taken over, rate, quota, administrative, moved, maximum time.</summary>
    public static bool BlamesRecord(byte reason) =>
        reason is not (0x89 or 0x8b or 0x8d or 0x8e or 0x93 or 0x96 or 0x97 or 0x98 or 0x9c or 0x9d or 0x9f or 0xa0);

    public static string Name(byte reason) => reason switch
    {
        0x80 => "unspecified error",
        0x83 => "implementation specific error",
        0x87 => "not authorized",
        0x90 => "topic name invalid",
        0x91 => "packet identifier in use",
        0x95 => "packet too large",
        0x97 => "quota exceeded",
        0x99 => "payload format invalid",
        0x9a => "retain not supported",
        0x9b => "QoS not supported",
        _ => $"reason code 0x{reason:x2}",
    };
}
