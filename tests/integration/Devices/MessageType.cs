namespace Pipeline.IntegrationTests.Devices;

/// <summary>RFC 7252 section 3.</summary>
enum MessageType
{
    Confirmable,
    NonConfirmable,
    Acknowledgement,
    Reset,
}
