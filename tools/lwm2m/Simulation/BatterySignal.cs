using Protocol.Lwm2m;
using Protocol.Lwm2m.Values;

namespace Tools.Simulation;

/// <summary>Battery level and voltage of the Device object; runs down in some hours and is then changed.</summary>
sealed class BatterySignal(double level) : Signal
{
    const double LossPerHour = 12;
    const double FullMillivolts = 3600;
    const double EmptyMillivolts = 3000;

    static readonly Lwm2mPath Level = new(3, 0, 9);
    static readonly Lwm2mPath Voltage = new(3, 0, 7, 0);

    double _level = level;

    public override void Step(DeviceObjects objects, Random random, double seconds, long unixTime)
    {
        _level -= seconds / 3600 * LossPerHour * (0.5 + random.NextDouble());
        if (_level < 5)
            _level = 100;
        objects.Set(Level, Lwm2mValue.Integer((long)_level));
        // In steps of 10 mV, so that it does not change at each step.
        objects.Set(Voltage, Lwm2mValue.Integer((long)((EmptyMillivolts + (FullMillivolts - EmptyMillivolts) * _level / 100) / 10) * 10));
    }
}
