using Protocol.Lwm2m;
using Protocol.Lwm2m.Values;

namespace Tools.Simulation;

/// <summary>
/// A measured value: follows the time of day around a mean, with noise that fades slowly, and keeps its lowest and highest in resources
/// of their own. <paramref name="scale"/> gives what it is multiplied with, 0 for something that is switched off.
/// </summary>
sealed class MeasuredSignal(
    Lwm2mPath value, Lwm2mPath lowest, Lwm2mPath highest, double mean, double dailySwing, double noise, Func<DeviceObjects, double>? scale = null)
    : Signal
{
    const double SecondsOfDay = 86_400;

    /// <summary>After this time a deviation has faded to a third.</summary>
    const double Persistence = 120;

    double _deviation;
    double _lowest = double.MaxValue;
    double _highest = double.MinValue;

    public override void Step(DeviceObjects objects, Random random, double seconds, long unixTime)
    {
        var kept = Math.Exp(-seconds / Persistence);
        _deviation = _deviation * kept + noise * Math.Sqrt(1 - kept * kept) * Gauss(random);
        // Warmest in the middle of the afternoon.
        var swing = dailySwing * Math.Sin(2 * Math.PI * (unixTime % SecondsOfDay / SecondsOfDay - 0.375));
        var factor = scale?.Invoke(objects) ?? 1;
        var measured = factor == 0 ? 0 : Math.Round(factor * (mean + swing + _deviation), 1);

        objects.Set(value, Lwm2mValue.Float(measured));
        _lowest = Math.Min(_lowest, measured);
        _highest = Math.Max(_highest, measured);
        objects.Set(lowest, Lwm2mValue.Float(_lowest));
        objects.Set(highest, Lwm2mValue.Float(_highest));
    }
}
