using Protocol.Lwm2m;
using Protocol.Lwm2m.Values;

namespace Tools.Simulation;

/// <summary>What a simulated device consists of: its objects and what moves their values.</summary>
sealed class DeviceModel
{
    readonly List<Signal> _signals = [];
    readonly Random _random;
    readonly DeviceFaults? _faults;

    public DeviceModel(DeviceSettings settings, Random random)
    {
        _random = random;
        Objects = new DeviceObjects(ShippedDefinitions.Catalog, settings.Version.Version, settings.Format);
        AddServer(settings);
        AddDevice(settings);
        switch (settings.Profile)
        {
            case DeviceProfile.Sensor:
                AddBattery();
                AddSensor(3303, "Cel", mean: 12 + 12 * random.NextDouble(), dailySwing: 4, noise: 0.8);
                AddSensor(3304, "%RH", mean: 40 + 30 * random.NextDouble(), dailySwing: -8, noise: 2);
                break;
            case DeviceProfile.Tracker:
                AddBattery();
                Objects.AddInstance(6, 0);
                _signals.Add(new TrackSignal(47 + 5 * random.NextDouble(), 7 + 7 * random.NextDouble()));
                break;
            case DeviceProfile.Light:
                AddLamp();
                AddPowerMeter(9 + 6 * random.NextDouble());
                break;
        }
        Add(settings.Blueprint);
        if (settings.Faults.Count > 0)
            _faults = new DeviceFaults(Objects, settings.Faults);
    }

    public DeviceObjects Objects { get; }

    /// <summary>Lets some seconds pass; <paramref name="unixTime"/> is in seconds, <paramref name="now"/> in milliseconds of the device's clock.</summary>
    public void Step(double seconds, long unixTime, long now)
    {
        _faults?.Advance(now);
        foreach (var signal in _signals)
            signal.Step(Objects, _random, seconds, unixTime);
        Objects.Set(new Lwm2mPath(3, 0, 13), Lwm2mValue.Time(unixTime));
    }

    void Add(DeviceBlueprint blueprint)
    {
        foreach (var (path, value) in blueprint.Values)
        {
            Objects.AddInstance(path.ObjectId, path.InstanceId);
            Objects.Set(path, value);
        }
        foreach (var plan in blueprint.Signals)
        {
            Objects.AddInstance(plan.Path.ObjectId, plan.Path.InstanceId);
            _signals.Add(new PlannedSignal(plan, _random));
        }
    }

    void AddServer(DeviceSettings settings)
    {
        var server = Add(1);
        Objects.Set(server.Append(0), Lwm2mValue.Integer(1));
        Objects.Set(server.Append(1), Lwm2mValue.Integer((long)settings.Lifetime.TotalSeconds));
        Objects.Set(server.Append(6), Lwm2mValue.Boolean(true));
        Objects.Set(server.Append(7), Lwm2mValue.String(settings.Binding));
        if (settings.Version.HasComposite)
            Objects.Set(server.Append(23), Lwm2mValue.Boolean(settings.Sends is null));
    }

    void AddDevice(DeviceSettings settings)
    {
        var device = Add(3);
        Objects.Set(device.Append(0), Lwm2mValue.String("Example Devices"));
        Objects.Set(device.Append(1), Lwm2mValue.String("Simulated " + settings.Profile));
        Objects.Set(device.Append(2), Lwm2mValue.String(settings.Endpoint));
        Objects.Set(device.Append(3), Lwm2mValue.String("1.0.0"));
        Objects.Set(device.Append(11).Append(0), Lwm2mValue.Integer(0));
        Objects.Set(device.Append(14), Lwm2mValue.String("+01:00"));
        Objects.Set(device.Append(16), Lwm2mValue.String(settings.Binding));
    }

    void AddBattery()
    {
        Objects.Set(new Lwm2mPath(3, 0, 6, 0), Lwm2mValue.Integer(1));
        _signals.Add(new BatterySignal(40 + 60 * _random.NextDouble()));
    }

    void AddSensor(ushort objectId, string unit, double mean, double dailySwing, double noise)
    {
        var sensor = Add(objectId);
        Objects.Set(sensor.Append(5701), Lwm2mValue.String(unit));
        _signals.Add(new MeasuredSignal(sensor.Append(5700), sensor.Append(5601), sensor.Append(5602), mean, dailySwing, noise));
    }

    void AddPowerMeter(double watts)
    {
        var meter = Add(3305);
        _signals.Add(new MeasuredSignal(
            meter.Append(5800), meter.Append(5801), meter.Append(5802), watts, dailySwing: 0, noise: 0.3, LampSignal.Brightness));
    }

    void AddLamp()
    {
        var lamp = Add(3311);
        Objects.Set(lamp.Append(5850), Lwm2mValue.Boolean(_random.NextDouble() < 0.5));
        Objects.Set(lamp.Append(5851), Lwm2mValue.Integer(_random.Next(3, 11) * 10));
        Objects.Set(lamp.Append(5852), Lwm2mValue.Integer(0));
        _signals.Add(new LampSignal());
    }

    Lwm2mPath Add(ushort objectId)
    {
        Objects.AddInstance(objectId, 0);
        return new Lwm2mPath(objectId, 0);
    }
}
