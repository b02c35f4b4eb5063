using Protocol.Lwm2m.Values;
using Tools.Simulation.Scenarios;

namespace Tools.Simulation;

/// <summary>A value that moves as a scenario says.</summary>
sealed class PlannedSignal : Signal
{
    /// <summary>After this time the noise of a wave has faded to a third.</summary>
    const double Persistence = 120;

    readonly SignalPlan _plan;
    readonly double _mean;
    double _state;

    public PlannedSignal(SignalPlan plan, Random random)
    {
        _plan = plan;
        _mean = plan.Options.Mean + plan.Options.Spread * (2 * random.NextDouble() - 1);
        _state = plan.Options.Kind switch
        {
            SignalKind.Wave => 0,
            SignalKind.Choice => random.Next(ChoiceCount),
            _ => _mean,
        };
    }

    SignalOptions Options => _plan.Options;

    int ChoiceCount => Math.Max(2, Options.Choices.Count);

    public override void Step(DeviceObjects objects, Random random, double seconds, long unixTime)
    {
        if (Options.Kind == SignalKind.Choice)
            Choose(random, seconds);
        var value = Options.Kind == SignalKind.Choice ? Chosen() : Number(Move(random, seconds, unixTime));
        objects.Set(_plan.Path, value);
    }

    double Move(Random random, double seconds, long unixTime)
    {
        switch (Options.Kind)
        {
            case SignalKind.Walk:
                _state = Within(_state + (seconds > 0 ? Options.Noise * Gauss(random) : 0));
                return _state;
            case SignalKind.Counter:
                _state += seconds / 3600 * Options.PerHour * Math.Max(0, 1 + Options.Noise * Gauss(random));
                return Within(_state);
            default:
                var kept = Math.Exp(-seconds / Persistence);
                _state = _state * kept + Options.Noise * Math.Sqrt(1 - kept * kept) * Gauss(random);
                var period = Options.Period.TotalSeconds;
                return Within(_mean + Options.Swing * Math.Sin(2 * Math.PI * (unixTime % period) / period) + _state);
        }
    }

    void Choose(Random random, double seconds)
    {
        if (random.NextDouble() < 1 - Math.Exp(-seconds / 3600 * Options.ChangesPerHour))
            _state = (_state + 1 + random.Next(ChoiceCount - 1)) % ChoiceCount;
    }

    double Within(double value) => Math.Min(Math.Max(value, Options.Min), Options.Max);

    // The checks of the scenario have seen that each choice is a value of the type.
    Lwm2mValue Chosen() => Options.Choices.Count == 0
        ? Lwm2mValue.Boolean(_state != 0)
        : ValueParser.TryParse(_plan.Type, Options.Choices[(int)_state], out var value, out _) ? value : Lwm2mValue.None;

    Lwm2mValue Number(double value) => _plan.Type switch
    {
        ResourceType.Integer => Lwm2mValue.Integer((long)Math.Round(value)),
        ResourceType.UnsignedInteger => Lwm2mValue.UnsignedInteger((ulong)Math.Max(0, Math.Round(value))),
        ResourceType.Time => Lwm2mValue.Time((long)Math.Round(value)),
        _ => Lwm2mValue.Float(Math.Round(value, Options.Digits)),
    };
}
