namespace Protocol.Coap;

/// <summary>Message type, as it stands in the header (RFC 7252 section 3).</summary>
public enum CoapType : byte
{
    Confirmable = 0,
    NonConfirmable = 1,
    Acknowledgement = 2,
    Reset = 3,
}
