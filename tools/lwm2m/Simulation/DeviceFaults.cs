using Protocol.Lwm2m;
using Protocol.Lwm2m.Values;
using Tools.Simulation.Scenarios;

namespace Tools.Simulation;

/// <summary>The faults of one device: stands between what its resources should hold and what they do.</summary>
sealed class DeviceFaults
{
    readonly DeviceObjects _objects;
    readonly IReadOnlyList<DeviceFault> _faults;
    readonly Lwm2mValue[] _sound;
    readonly bool[] _active;

    public DeviceFaults(DeviceObjects objects, IReadOnlyList<DeviceFault> faults)
    {
        _objects = objects;
        _faults = faults;
        _sound = [.. faults.Select(fault => objects[fault.Path])];
        _active = new bool[faults.Count];
        objects.Faults = this;
    }

    /// <summary>Begins and ends faults; what they concern takes its value.</summary>
    public void Advance(long now)
    {
        for (var i = 0; i < _faults.Count; i++)
        {
            if (_active[i] == _faults[i].IsActive(now))
                continue;
            _active[i] = !_active[i];
            if (_sound[i].Type != ResourceType.None || _active[i] && _faults[i].Kind == FaultKind.Value)
                _objects.Set(_faults[i].Path, _sound[i]);
        }
    }

    /// <summary>What a resource holds that should hold <paramref name="value"/>.</summary>
    public Lwm2mValue Distort(Lwm2mPath path, Lwm2mValue value)
    {
        for (var i = 0; i < _faults.Count; i++)
        {
            if (_faults[i].Path != path)
                continue;
            _sound[i] = value;
            if (_active[i])
                value = _faults[i].Of(value, _objects[path]);
        }
        return value;
    }

    /// <summary>An observation of that path says nothing any more.</summary>
    public bool IsSilent(Lwm2mPath path)
    {
        for (var i = 0; i < _faults.Count; i++)
        {
            if (_active[i] && _faults[i].Kind == FaultKind.Silent && (path.IsPrefixOf(_faults[i].Path) || _faults[i].Path.IsPrefixOf(path)))
                return true;
        }
        return false;
    }
}
