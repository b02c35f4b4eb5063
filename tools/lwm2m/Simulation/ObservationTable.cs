using Protocol.Coap;
using Protocol.Lwm2m;
using Protocol.Lwm2m.Values;

namespace Tools.Simulation;

/// <summary>The observations and notification attributes of one device, and when each observation has something to say.</summary>
sealed class ObservationTable(DeviceObjects objects, bool onChange = true)
{
    /// <summary>Further observations are refused.</summary>
    public const int MaxObservations = 64;

    const int MaxAttributedPaths = 256;

    static readonly Lwm2mPath DefaultMinPeriod = new(1, 0, 2);
    static readonly Lwm2mPath DefaultMaxPeriod = new(1, 0, 3);

    readonly List<Observation> _observations = [];
    readonly Dictionary<Lwm2mPath, NotificationAttributes> _attributes = [];

    public int Count => _observations.Count;

    /// <summary>When <see cref="FindDue"/> has something to say if no value changes before.</summary>
    public long NextDeadline
    {
        get
        {
            var next = long.MaxValue;
            foreach (var observation in _observations)
                next = Math.Min(next, DeadlineOf(observation));
            return next;
        }
    }

    /// <summary>Begins an observation, or that with the same token anew; null where there are too many.</summary>
    public Observation? Add(CoapToken token, Lwm2mPath path, ushort format, IReadOnlyList<Lwm2mPath>? paths = null)
    {
        Remove(token);
        if (_observations.Count == MaxObservations)
            return null;
        var observation = new Observation(token, path, format) { Paths = paths };
        _observations.Add(observation);
        return observation;
    }

    public bool Remove(CoapToken token) => End(_observations.Find(observation => observation.Token == token)) is not null;

    /// <summary>Ends the observation whose last notification had that message id.</summary>
    public Observation? RemoveByMessage(ushort messageId) => End(_observations.Find(observation => observation.MessageId == messageId));

    public Observation? End(Observation? observation)
    {
        if (observation is null || !_observations.Remove(observation))
            return null;
        observation.IsEnded = true;
        return observation;
    }

    /// <summary>A new registration: observations belong to the old one.</summary>
    public void EndAll()
    {
        while (_observations.Count > 0)
            End(_observations[^1]);
    }

    /// <summary>A reboot: all is forgotten.</summary>
    public void Clear()
    {
        EndAll();
        _attributes.Clear();
    }

    public void MarkChanged(Lwm2mPath changed)
    {
        foreach (var observation in _observations)
            observation.IsChanged |= observation.Touches(changed);
    }

    /// <summary>All observations are to be reported once more, as soon as pmin allows.</summary>
    public void PressAll()
    {
        foreach (var observation in _observations)
            observation.IsPressed = true;
    }

    /// <summary>The observation that is due longest, or null.</summary>
    public Observation? FindDue(long now)
    {
        Observation? due = null;
        foreach (var observation in _observations)
        {
            if (IsDue(observation, now) && (due is null || observation.SentAt < due.SentAt))
                due = observation;
        }
        return due;
    }

    /// <summary>Notes that the state of an observation goes out now.</summary>
    public void Take(Observation observation, long now) => observation.Take(now, NumberAt(observation.Path));

    public NotificationAttributes AttributesOf(Lwm2mPath path) => _attributes.GetValueOrDefault(path);

    /// <summary>Applies all queries of a Write-Attributes, or none where one of them is wrong.</summary>
    public bool TryWriteAttributes(Lwm2mPath path, CoapOptionValues queries)
    {
        var attributes = AttributesOf(path);
        foreach (var query in queries)
        {
            if (!attributes.TryApply(query, out attributes))
                return false;
        }
        if (!_attributes.ContainsKey(path) && _attributes.Count == MaxAttributedPaths)
            return false;
        _attributes[path] = attributes;
        return true;
    }

    bool IsDue(Observation observation, long now)
    {
        if (objects.Faults is { } faults && faults.IsSilent(observation.Path))
            return false;
        var attributes = Effective(observation.Path);
        if (IsPast(observation, EffectiveMaxPeriod(attributes), now))
            return true;
        if (observation.IsPressed && IsPast(observation, attributes.MinPeriod ?? 0, now))
            return true;
        if (!onChange || !observation.IsChanged || !IsPast(observation, attributes.MinPeriod ?? 0, now))
            return false;
        if (!attributes.HasThreshold || Crosses(attributes, observation.SentNumber, NumberAt(observation.Path)))
            return true;
        observation.IsChanged = false;
        return false;
    }

    long DeadlineOf(Observation observation)
    {
        if (objects.Faults is { } faults && faults.IsSilent(observation.Path))
            return long.MaxValue;
        var attributes = Effective(observation.Path);
        var deadline = EffectiveMaxPeriod(attributes) is { } longest ? observation.SentAt + 1000 * longest : long.MaxValue;
        return observation.IsPressed || onChange && observation.IsChanged ? Math.Min(deadline, observation.SentAt + 1000 * (attributes.MinPeriod ?? 0)) : deadline;
    }

    // Levels below inherit from those above; the Server object has the defaults.
    NotificationAttributes Effective(Lwm2mPath path)
    {
        var attributes = new NotificationAttributes(Seconds(DefaultMinPeriod), Seconds(DefaultMaxPeriod), null, null, null);
        for (var levels = 1; levels <= path.Depth && _attributes.Count > 0; levels++)
            attributes = AttributesOf(path.Take(levels)).Over(attributes);
        return attributes;
    }

    // 0 means none, and one that is shorter than pmin is ignored (LwM2M Core 1.1 section 5.1.2).
    static long? EffectiveMaxPeriod(NotificationAttributes attributes) =>
        attributes.MaxPeriod is > 0 and var longest && longest >= (attributes.MinPeriod ?? 0) ? longest : null;

    static bool IsPast(Observation observation, long? seconds, long now) => seconds is { } period && now >= observation.SentAt + 1000 * period;

    static bool Crosses(NotificationAttributes attributes, double? before, double? after)
    {
        if (before is not { } old || after is not { } current)
            return true;
        return attributes.GreaterThan is { } upper && old > upper != current > upper
            || attributes.LessThan is { } lower && old < lower != current < lower
            || attributes.Step is { } step && Math.Abs(current - old) >= step;
    }

    long? Seconds(Lwm2mPath path) => objects[path] is { Type: ResourceType.Integer, Number: > 0 and var seconds } ? seconds : null;

    double? NumberAt(Lwm2mPath path)
    {
        var value = objects[path];
        return value.Type switch
        {
            ResourceType.Float => value.Real,
            ResourceType.Integer or ResourceType.Time => value.Number,
            ResourceType.UnsignedInteger => value.UnsignedNumber,
            _ => null,
        };
    }
}
