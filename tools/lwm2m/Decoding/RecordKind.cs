namespace Tools.Decoding;

/// <summary>What bytes are meant to be.</summary>
enum RecordKind
{
    /// <summary>A CoAP message.</summary>
    Datagram,

    /// <summary>The payload of one.</summary>
    Payload,

    // Values of records, by their topics.
    Uplink,
    Downlink,
    Session,
    Operation,
    Registration,
    Capture,

    /// <summary>JSON, or whatever else it may be.</summary>
    Other,
}
