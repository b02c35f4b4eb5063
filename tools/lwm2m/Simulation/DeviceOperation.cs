namespace Tools.Simulation;

/// <summary>What a gateway can ask of a device (LwM2M Core 1.1 section 6.3 and 6.4).</summary>
public enum DeviceOperation
{
    /// <summary>Not an operation of LwM2M: a method or path that the device does not know.</summary>
    Unknown,
    Read,
    Discover,
    Write,
    WriteAttributes,
    Execute,
    Create,
    Delete,
    Observe,
    CancelObservation,
    ReadComposite,
    WriteComposite,
    ObserveComposite,
    CancelObservationComposite,
}
