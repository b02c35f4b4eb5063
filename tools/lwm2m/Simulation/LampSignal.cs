using Protocol.Lwm2m;
using Protocol.Lwm2m.Values;

namespace Tools.Simulation;

/// <summary>The Light Control object: counts the seconds that the lamp is on; now and then somebody uses the switch.</summary>
sealed class LampSignal : Signal
{
    const double SwitchingsPerHour = 6;

    static readonly Lwm2mPath OnOff = new(3311, 0, 5850);
    static readonly Lwm2mPath Dimmer = new(3311, 0, 5851);
    static readonly Lwm2mPath OnTime = new(3311, 0, 5852);

    double _onSeconds;

    /// <summary>0 while the lamp is off, 1 at full light.</summary>
    public static double Brightness(DeviceObjects objects) =>
        objects[OnOff] is { Type: ResourceType.Boolean, Truth: true } ? objects[Dimmer] is { Type: ResourceType.Integer } dimmer ? dimmer.Number / 100.0 : 1 : 0;

    public override void Step(DeviceObjects objects, Random random, double seconds, long unixTime)
    {
        if (random.NextDouble() < seconds / 3600 * SwitchingsPerHour)
            objects.Set(OnOff, Lwm2mValue.Boolean(Brightness(objects) == 0));
        if (Brightness(objects) == 0)
            return;
        _onSeconds += seconds;
        objects.Set(OnTime, Lwm2mValue.Integer((long)_onSeconds));
    }
}
