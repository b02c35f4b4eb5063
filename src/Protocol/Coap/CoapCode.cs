namespace Protocol.Coap;

/// <summary>
/// Method or response code: class in the upper three bits, detail in the lower five (RFC 7252 section 12.1 and its registries).
/// Values without a name are possible: an unknown method, or an unknown response of a known class.
/// </summary>
public enum CoapCode : byte
{
    Empty = 0x00,

    Get = 0x01,
    Post = 0x02,
    Put = 0x03,
    Delete = 0x04,
    Fetch = 0x05,
    Patch = 0x06,
    IPatch = 0x07,

    Created = 0x41,
    Deleted = 0x42,
    Valid = 0x43,
    Changed = 0x44,
    Content = 0x45,
    Continue = 0x5F,

    BadRequest = 0x80,
    Unauthorized = 0x81,
    BadOption = 0x82,
    Forbidden = 0x83,
    NotFound = 0x84,
    MethodNotAllowed = 0x85,
    NotAcceptable = 0x86,
    RequestEntityIncomplete = 0x88,
    Conflict = 0x89,
    PreconditionFailed = 0x8C,
    RequestEntityTooLarge = 0x8D,
    UnsupportedContentFormat = 0x8F,
    UnprocessableEntity = 0x96,
    TooManyRequests = 0x9D,

    InternalServerError = 0xA0,
    NotImplemented = 0xA1,
    BadGateway = 0xA2,
    ServiceUnavailable = 0xA3,
    GatewayTimeout = 0xA4,
    ProxyingNotSupported = 0xA5,
    HopLimitReached = 0xA8,
}
