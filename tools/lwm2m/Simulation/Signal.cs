namespace Tools.Simulation;

/// <summary>Something that moves values of a device.</summary>
abstract class Signal
{
    /// <summary>Moves on by some seconds; <paramref name="unixTime"/> is in seconds.</summary>
    public abstract void Step(DeviceObjects objects, Random random, double seconds, long unixTime);
}
