using Protocol.Lwm2m;
using Protocol.Lwm2m.Formats;
using Protocol.Lwm2m.Values;

namespace Tools.Simulation;

/// <summary>Samples that wait to be sent. Those that the gateway could not take stay, the oldest make room. Times are milliseconds of the device's clock.</summary>
sealed class SendBuffer(SendPlan plan, long unixOffset, Random random)
{
    const int MostReadings = 1024;

    /// <summary>What fits into one datagram; the simulated device sends no blocks.</summary>
    const int MostBytes = 1024;

    static readonly Lwm2mPath Mute = new(1, 0, 23);

    readonly List<TimedValue> _readings = [];
    readonly long _gap = Math.Max(1, plan.Every / plan.Samples);
    int _sampled;
    int _complete;
    int _underWay;
    long _sendAt = long.MaxValue;
    long _retryAt;

    public ushort Format => plan.Format;

    public long SampleAt { get; private set; } = long.MaxValue;

    /// <summary>When there is something to be sent; nothing is while a Send is under way.</summary>
    public long SendAt => _underWay == 0 && _complete > 0 ? _sendAt : long.MaxValue;

    /// <summary>The clock begins, each device's at a time of its own.</summary>
    public void Start(long now)
    {
        if (SampleAt == long.MaxValue)
            SampleAt = now + (long)(random.NextDouble() * plan.Every);
    }

    /// <summary>A reboot: what was not sent is forgotten.</summary>
    public void Clear()
    {
        _readings.Clear();
        (_sampled, _complete, _underWay, _sendAt, SampleAt) = (0, 0, 0, long.MaxValue, long.MaxValue);
    }

    public void Sample(long now, DeviceObjects objects)
    {
        for (; now >= SampleAt; SampleAt += _gap)
        {
            // Absent means muted, too (LwM2M Core 1.1 appendix E.2).
            if (objects[Mute] is not { Type: ResourceType.Boolean, Truth: false })
            {
                (_sampled, _complete) = (0, _underWay);
                _readings.RemoveRange(_underWay, _readings.Count - _underWay);
                continue;
            }
            Add(objects.Readings(plan.Paths), unixOffset + SampleAt);
            if (++_sampled < plan.Samples)
                continue;
            _sampled = 0;
            _complete = _readings.Count;
            _sendAt = Math.Max(_retryAt, SampleAt);
        }
    }

    /// <summary>The oldest that fit; <see cref="Settled"/> or <see cref="Postpone"/> follows.</summary>
    public byte[] Take()
    {
        for (_underWay = _complete; ; _underWay = (_underWay + 1) / 2)
        {
            var isWritten = ContentEncoder.TryEncodeReadings(plan.Format, default, _readings[.._underWay], out var payload, out _);
            if (isWritten && payload.Length <= MostBytes || _underWay == 1)
                return payload;
        }
    }

    /// <summary>The gateway has them, or does not want them.</summary>
    public void Settled()
    {
        _readings.RemoveRange(0, _underWay);
        _complete -= _underWay;
        _underWay = 0;
    }

    /// <summary>The gateway could not take them now.</summary>
    public void Postpone(long until)
    {
        _underWay = 0;
        _sendAt = _retryAt = until;
    }

    void Add(List<TimedValue> readings, long unixTime)
    {
        // Without times only the newest say something; what is under way is told first.
        if (plan.Samples == 1)
        {
            if (_underWay > 0)
                return;
            _readings.Clear();
            _readings.AddRange(readings);
            return;
        }
        _readings.AddRange(readings.Select(reading => reading with { Timestamp = unixTime }));
        if (_underWay > 0 || _readings.Count <= MostReadings)
            return;
        _complete = Math.Max(0, _complete - (_readings.Count - MostReadings));
        _readings.RemoveRange(0, _readings.Count - MostReadings);
    }
}
