namespace Tools.Simulation;

/// <summary>Something that moves values of a device.</summary>
abstract class Signal
{
    /// <summary>Moves on by some seconds; <paramref name="unixTime"/> is in seconds.</summary>
    public abstract void Step(DeviceObjects objects, Random random, double seconds, long unixTime);

    /// <summary>Normally distributed around 0 with a standard deviation of 1.</summary>
    protected static double Gauss(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
