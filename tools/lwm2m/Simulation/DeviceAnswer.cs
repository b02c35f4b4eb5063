using Protocol.Coap;
using Protocol.Lwm2m;

namespace Tools.Simulation;

/// <summary>What a device answers to a request, and what it has to do afterwards.</summary>
readonly record struct DeviceAnswer(CoapCode Code)
{
    public DeviceOperation Operation { get; init; }

    public Lwm2mPath Path { get; init; }

    public ushort? Format { get; init; }

    public byte[] Payload { get; init; } = [];

    public uint? Observe { get; init; }

    /// <summary>Where a created instance is, if the device chose its number.</summary>
    public Lwm2mPath? Location { get; init; }

    public Aftermath Aftermath { get; init; }
}
