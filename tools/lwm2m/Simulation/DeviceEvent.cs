using Protocol.Coap;
using Protocol.Lwm2m;

namespace Tools.Simulation;

/// <summary>Something that happened to a simulated device.</summary>
/// <param name="Operation">The request, where the kind is <see cref="DeviceEventKind.Commanded"/>.</param>
/// <param name="Path">What was commanded, observed or notified; "/" else.</param>
/// <param name="Code">The device's answer to a command, or the gateway's to a registration or Send.</param>
public readonly record struct DeviceEvent(
    string Endpoint, DeviceEventKind Kind, DeviceOperation Operation, Lwm2mPath Path, CoapCode Code)
{
    /// <summary>Why a handshake failed.</summary>
    public string? Problem { get; init; }

    /// <summary>One line for a person.</summary>
    public override string ToString() => Kind switch
    {
        DeviceEventKind.Commanded => $"{Endpoint}: {Operation} {Path} -> {Code.Dotted}",
        DeviceEventKind.Notified or DeviceEventKind.ObservationEnded => $"{Endpoint}: {Kind} {Path}",
        DeviceEventKind.RegistrationFailed or DeviceEventKind.SendRefused => $"{Endpoint}: {Kind} {Code.Dotted}",
        DeviceEventKind.HandshakeFailed => $"{Endpoint}: {Kind} {Problem}",
        _ => $"{Endpoint}: {Kind}",
    };
}
