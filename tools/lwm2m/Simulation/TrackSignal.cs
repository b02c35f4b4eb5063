using Protocol.Lwm2m;
using Protocol.Lwm2m.Values;

namespace Tools.Simulation;

/// <summary>The Location object of a vehicle that drives about, turns and stops.</summary>
sealed class TrackSignal(double latitude, double longitude) : Signal
{
    const double MetresPerDegree = 111_320;
    const double CruisingSpeed = 14;

    static readonly Lwm2mPath Location = new(6, 0);

    double _latitude = latitude;
    double _longitude = longitude;
    double _heading;
    double _speed;

    public override void Step(DeviceObjects objects, Random random, double seconds, long unixTime)
    {
        _heading += (random.NextDouble() - 0.5) * Math.Min(seconds, 10) * 0.3;
        var wanted = random.NextDouble() < 0.1 ? 0 : CruisingSpeed * (0.6 + 0.8 * random.NextDouble());
        _speed += (wanted - _speed) * Math.Min(1, seconds / 10);
        _latitude = Math.Clamp(_latitude + Math.Cos(_heading) * _speed * seconds / MetresPerDegree, -80, 80);
        _longitude += Math.Sin(_heading) * _speed * seconds / (MetresPerDegree * Math.Cos(_latitude * Math.PI / 180));

        objects.Set(Location.Append(0), Lwm2mValue.Float(Math.Round(_latitude, 6)));
        objects.Set(Location.Append(1), Lwm2mValue.Float(Math.Round(_longitude, 6)));
        objects.Set(Location.Append(5), Lwm2mValue.Time(unixTime));
        objects.Set(Location.Append(6), Lwm2mValue.Float(Math.Round(_speed, 1)));
    }
}
